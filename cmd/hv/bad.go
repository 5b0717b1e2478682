//go:build bad

package main

import (
	"errors"
	"strings"

	"perdure/hhr/image"
	"perdure/hhr/record"
	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/partition"
	"perdure/partition/abi"
)

// An image with the build tag bad does something wrong when it has been started
// as a candidate. Its manifest says what and when, as DEED@STAGE.

// errBad is what it says when it refuses.
var errBad = errors.New("it refuses on purpose")

// badWord is what the manifest says, once that has been read. The manifest's page
// lies behind what was loaded: the candidate runs from the whole file.
var badWord string

// badSearch is how far behind the program the manifest may lie: what describes
// the image's records comes before it.
const badSearch = 1 << 20

// badDeeds are what can go wrong. Those that come back go on as if nothing had been.
var badDeeds = map[string]func(){
	"panic": func() { panic("on purpose") },
	"nil":   func() { *nobody = 1 },
	"hang": func() {
		for {
			x86.PAUSE()
		}
	},
	"chatter": func() { // gives signs of life for ever
		for {
			partition.Stage(1, 1<<20)
		}
	},
	"triple": func() { x86.LIDT(&x86.TableRegister{}); *nobody = 1 },
	"memory": func() {
		for {
			hoard = append(hoard, make([]byte, 1<<20))
		}
	},
	"kept":    func() { physical(uint64(kernel.Boot().Kept), 8)[0]++ },
	"outside": func() { physical(uint64(addr.PageSize), 8)[0]++ },
	"ports": func() { // that would reset the machine, or switch it off
		x86.OUT8(0xcf9, 6)
		x86.OUT8(0x64, 0xfe)
		x86.OUT16(0x604, 0x2000)
	},
	"lie": func() { // it finds nothing in any record; there are some if all are copied
		var nothing record.Shown
		c := kept.Changing()
		for _, e := range c.Entry[:c.Entries] {
			nothing = append(nothing, record.Record{Kind: e.Kind, Index: e.Index, Seq: e.Seq})
		}
		partition.Tell(abi.ServiceShow, nothing.Encode())
	},
	"garbage": func() { partition.Tell(abi.ServiceShow, []byte{0xff}) },
	"layouts": func() { partition.Tell(abi.ServiceLayout, []byte{0xff}) },
	"refuse":  func() { partition.Decline(errBad) },
	"seat":    func() { x86.VMCALL(abi.Word(abi.CallService), uint64(abi.ServiceSeat), uint64(kernel.Boot().Kept), 0) },
}

var (
	nobody *uint64
	hoard  [][]byte
)

// misbehave does what the manifest asks for, if this is the stage for it.
func misbehave(stage string) {
	if p := kernel.Boot(); badWord == "" && p.Candidate() {
		for at := uint64(p.File) + p.FileSize; at < uint64(p.File)+p.FileSize+badSearch; at += addr.PageSize {
			if page := physical(at, addr.PageSize); image.MarkPage(page) {
				badWord = image.Word(page)
				break
			}
		}
	}
	deed, at, _ := strings.Cut(badWord, "@")
	do := badDeeds[deed]
	everywhere := stage == "sealed" || stage == "arrived" // else one goroutine comes here, wherever it happens to be
	if at != stage || do == nil || everywhere && kernel.This().Index() != 0 {
		return
	}
	if stage != "sealed" { // the console is another instance's then, and a word would be the fault
		console.Say(console.Warn).Str("bad on purpose: ").Str(badWord).End()
	}
	do()
}
