package partition

import (
	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/console"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/vmx"
)

// CanRun turns VT-x on here if it is not, and says what is missing if that does
// not work.
func CanRun() error {
	if c := this(); c.Online != 1 {
		return c.online()
	}
	return nil
}

// online makes a processor ready for VPs, once.
func (c *CPU) online() error {
	if c.Region == 0 {
		page, err := kept.Page(kept.Owner(0))
		if err != nil {
			return err
		}
		c.Region = uint64(page)
	}
	if err := vmx.Start(addr.HPA(c.Region)); err != nil {
		return err
	}
	c.Armed, c.Slice = never, never
	c.APICID = uint64(apic.ID())
	c.seal()
	c.Online = 1
	return nil
}

// missing says that a processor cannot be used; the others go on.
func (c *CPU) missing(err error) {
	console.Say(console.Err).Str("processor ").Dec(c.Index).Str(" runs no partitions: ").Str(err.Error()).End()
	c.Online = 2
}

// begin readies a processor that has just been started; one that cannot run
// guests goes to sleep for good.
func (c *CPU) begin() {
	if c.Online == 0 {
		if err := c.online(); err != nil {
			c.missing(err)
		}
	}
	if c.Online == 2 {
		kernel.Idle(0)
		kernel.Yield()
	}
}
