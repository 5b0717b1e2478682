//go:build next

package kept

// versionVPs is the version of the record of a virtual processor: the third one
// knows how long it has waited at most.
const versionVPs = 3

// KindWaits is who had to wait for a processor for long.
const KindWaits Kind = 40

func init() {
	kinds[KindWaits].name = "long waits"
	kinds[KindWaits].version, kinds[KindWaits].reads = 1, 1
}
