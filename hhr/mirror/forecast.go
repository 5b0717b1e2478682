package mirror

import "perdure/mm/kept"

// What conversion costs, in instructions: from restarts beside 1 to 8 virtual
// processors, each of which adds 571 for two copies of 379 words. A record is
// looked at even if it holds nothing.
const (
	perTable  = 30
	perRecord = 25
	perOp     = 80
)

// Forecast returns how many bytes a handoff would convert now, and in how many
// instructions.
func Forecast() (bytes, instructions uint64) {
	c := kept.Changing()
	if c == nil {
		return 0, 0
	}
	w := &c.Way[kept.Own()]
	for t := range w.Tables {
		m := &w.Table[t]
		instructions += perTable
		for i := range m.Count {
			n, cost := w.Cost(m, i)
			bytes += n
			instructions += perRecord + cost.Ops*perOp + cost.Words
		}
	}
	return bytes, instructions
}
