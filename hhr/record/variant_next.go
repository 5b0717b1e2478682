//go:build next

package record

// Variant says of which version this build is: a later one, with more.
const Variant = "next"
