package partition

// depth is how much stack a dispatcher has before it runs anything: the exit
// path checks nothing, and must never need more.
const depth = 32 << 10

// deepen makes the caller's stack depth bytes deep. The runtime never takes
// stack back, as GODEBUG says.
//
//go:noinline
func deepen(n int) byte {
	var b [1024]byte
	b[n%len(b)] = byte(n)
	if n < depth/len(b) {
		return deepen(n+1) + b[(n*7)%len(b)]
	}
	return b[0]
}
