package partition

// The version of this build.
const (
	Major, Minor, Patch = 0, 1, 0
	Release             = "0.1.0"
)

// Build is the build id; the linker sets it.
var Build = "unknown"
