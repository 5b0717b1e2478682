package fault

import (
	"fmt"
	"math"
)

// A Tally counts results by class.
type Tally map[Class]int

// Noticed counts what the hypervisor noticed, or what ended it.
func (t Tally) Noticed() int { return t[Clean] + t[OneLost] + t[Failed] }

// Manifested counts what was noticed by anybody.
func (t Tally) Manifested() int { return t.Noticed() + t[Silent] }

// Made counts the faults that were made.
func (t Tally) Made() int { return t.Manifested() + t[Quiet] }

// A Rate is a share of a number of cases.
type Rate struct{ Of, Hits int }

// Success is the share of what was noticed that cost at most a guest.
func (t Tally) Success() Rate { return Rate{t.Noticed(), t[Clean] + t[OneLost]} }

// NoneLost is the share of it that cost none.
func (t Tally) NoneLost() Rate { return Rate{t.Noticed(), t[Clean]} }

// Survived is the share of what manifested itself that cost at most a guest.
func (t Tally) Survived() Rate { return Rate{t.Manifested(), t[Clean] + t[OneLost]} }

// Unseen is the share of it that the hypervisor did not notice.
func (t Tally) Unseen() Rate { return Rate{t.Manifested(), t[Silent]} }

// Harm is the share of what was made that cost more than a guest, or did damage that the
// hypervisor did not notice.
func (t Tally) Harm() Rate { return Rate{t.Made(), t[Failed] + t[Silent]} }

// Share returns the rate itself, in percent.
func (r Rate) Share() float64 { return 100 * float64(r.Hits) / float64(r.Of) }

// Wilson returns the ends of the interval that has the true rate in 95 of 100 cases,
// in percent. E. B. Wilson, "Probable Inference", 1927.
func (r Rate) Wilson() (low, high float64) {
	const z = 1.959964
	n, p := float64(r.Of), float64(r.Hits)/float64(r.Of)
	middle, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, 100*(middle-half)/(1+z*z/n)), min(100, 100*(middle+half)/(1+z*z/n))
}

// String returns the rate and its interval.
func (r Rate) String() string {
	if r.Of == 0 {
		return "–"
	}
	low, high := r.Wilson()
	return fmt.Sprintf("%.1f (%.1f–%.1f)", r.Share(), low, high)
}
