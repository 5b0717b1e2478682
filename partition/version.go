package partition

import "perdure/partition/abi"

// The version of this build.
const (
	Major, Minor, Patch = 0, 1, 0
	Release             = "0.1.0"
)

// Build is the build id; the linker sets it.
var Build = "unknown"

// present says everywhere that this build has the machine.
func (h *Host) present() {
	abi.SetText(h.Info.Release[:], Release)
	abi.SetText(h.Info.Build[:], Build)
	h.Version, h.Build = uint64(abi.PackVersion(Major, Minor, Patch)), 0
	for _, ch := range []byte(Build) {
		h.Build = (h.Build*31 + uint64(ch)) & 0xffffffff
	}
}
