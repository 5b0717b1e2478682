//go:build !bad

package main

// misbehave does nothing in an image that is not bad on purpose.
func misbehave(string) {}
