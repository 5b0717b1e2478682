package personality

// The entry vector of the Go program: what rt0 finds at its stack pointer.
const (
	atNull   = 0
	atPageSz = 6
	atRandom = 25
)

// words is how much of the stack Arguments fills.
const words = 32

// Arguments writes argc, argv, envp and auxv to the top words of the stack
// that ends at top, and returns the stack pointer that rt0 wants. args and each
// of env are addresses of strings that end in 0.
//
//go:nosplit
func Arguments(top, arg uint64, env [2]uint64, random uint64) uint64 {
	sp := (top - words*8) &^ 15
	v := [...]uint64{1, arg, 0, env[0], env[1], 0, atPageSz, 4096, atRandom, random, atNull, 0}
	for i, w := range &v {
		st64(sp+uint64(i)*8, w)
	}
	return sp
}
