package partition

import (
	"perdure/kernel"
	"perdure/mm"
	"perdure/mm/addr"
)

// The candidate's home is its service partition's until the new instance has
// shown that it works; then it becomes a home, and the old one is given back.

// Mine reports whether the caller is the new instance.
func (r *Restart) Mine() bool { return r.Home != 0 && uint64(kernel.Boot().Home) == r.Home }

// Present says everywhere that the caller is the instance that has the machine.
func (r *Restart) Present() { tab.Host.present() }

// Settle makes the new instance's home its own. It may be done again.
func (r *Restart) Settle() error {
	return mm.Pass(addr.HPA(r.Home), homeSize, mm.Partition(r.Service), mm.Home)
}

// GiveBack gives the old instance's home back. It may be done again.
func (r *Restart) GiveBack() error {
	kernel.Confirmed()
	old := addr.HPA(r.Report.HomeOld)
	if tab.Host.Standby.takeHome(old) {
		return nil
	}
	if o, ok := mm.OwnerOf(old.Frame()); !ok || o != mm.Home {
		return nil
	}
	return mm.Release(old, homeSize, mm.Home)
}
