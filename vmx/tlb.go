package vmx

// Kinds of INVEPT and INVVPID. SDM Vol. 3C, "INVEPT", "INVVPID".
const (
	inveptOne  = 1
	inveptAll  = 2
	invvpidOne = 1
	invvpidAll = 2
)

// InvalidateEPT forgets, on this processor, what was learnt through the tables
// of eptp. It is due after a mapping was taken away or made stricter.
//
//go:nosplit
func InvalidateEPT(eptp uint64) { invept(inveptOne, eptp, 0) }

// InvalidateVPID forgets, on this processor, all translations tagged with vpid.
//
//go:nosplit
func InvalidateVPID(vpid uint16) { invvpid(invvpidOne, uint64(vpid), 0) }

// InvalidateAll forgets everything that any guest's tables taught this processor.
//
//go:nosplit
func InvalidateAll() {
	invept(inveptAll, 0, 0)
	invvpid(invvpidAll, 0, 0)
}
