//go:build !next && !prev

package record

// Variant says of which version this build is: the one of the tree.
const Variant = ""
