package linux

import "perdure/mm/addr"

// Memory returns a partition's memory from address at on: at least one byte and
// at most n, as much as lies together; nil if there is none.
type Memory func(at addr.GPA, n uint64) []byte

// Apply carries out p, which was made from q. Steps that move the partition's
// own memory over itself are right only where that memory lies together, as
// root's does.
func (p *Plan) Apply(q Request, memory Memory) error {
	for _, s := range p.Steps {
		if err := s.apply(p, q, memory); err != nil {
			return err
		}
	}
	return nil
}

func (s Copy) apply(p *Plan, q Request, memory Memory) error {
	for s.N > 0 {
		to := memory(s.To, s.N)
		if len(to) == 0 {
			return &Error{"kernel: the partition has no memory at " + hex(uint64(s.To)), "its memory map promises more than it has; report this as a bug"}
		}
		to = to[:min(s.N, uint64(len(to)))]
		n := len(to)
		switch s.From {
		case FromKernel:
			n = copy(to, q.Kernel[s.Off:])
		case FromInitrd:
			n = copy(to, q.Initrd[s.Off:])
		case FromPlan:
			n = copy(to, p.Data[s.Off:])
		case FromGuest:
			n = copy(to, memory(addr.GPA(s.Off), s.N))
		default:
			clear(to)
		}
		if n == 0 {
			return &Error{"kernel: a step of the boot plan has no source", "report this as a bug"}
		}
		s.To, s.Off, s.N = s.To+addr.GPA(n), s.Off+uint64(n), s.N-uint64(n)
	}
	return nil
}
