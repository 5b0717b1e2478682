package modlist

import (
	"reflect"
	"testing"
)

var all = []Module{
	{"virtio.ko", nil, nil},
	{"virtio_ring.ko", []string{"virtio.ko"}, nil},
	{"virtio_net.ko", []string{"virtio_ring.ko", "virtio.ko"}, []string{"virtio:d00000001v*"}},
	{"e1000.ko", nil, []string{"pci:v00008086d0000100Esv*sd*bc*sc*i*", "pci:v00008086d0000100Fsv*sd*bc*sc*i*"}},
	{"sd_mod.ko", []string{"scsi_mod.ko", "missing.ko"}, []string{"scsi:t-0x00*"}},
	{"scsi_mod.ko", nil, nil},
}

func TestListIsText(t *testing.T) {
	var text string
	for _, m := range all {
		text += m.Line()
	}
	got := Parse(text + "no module\n\t\t\n")
	for i := range got { // nil and empty lists are the same here
		if len(got[i].Needs) == 0 {
			got[i].Needs = nil
		}
		if len(got[i].Aliases) == 0 {
			got[i].Aliases = nil
		}
	}
	if !reflect.DeepEqual(got, all) {
		t.Errorf("got %v, want %v", got, all)
	}
}

func TestWanted(t *testing.T) {
	for _, c := range []struct {
		name    string
		devices []string
		want    []string
	}{
		{"nothing there", nil, nil},
		{"a network card", []string{"pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00"}, []string{"e1000.ko"}},
		{"what it needs comes first", []string{"virtio:d00000001v00001AF4"}, []string{"virtio.ko", "virtio_ring.ko", "virtio_net.ko"}},
		{"unknown device", []string{"pci:v00001234d00001111sv*"}, nil},
		{"what is needed and is not there", []string{"scsi:t-0x00"}, []string{"scsi_mod.ko", "sd_mod.ko"}},
	} {
		if got := Wanted(all, c.devices); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestCircleEnds(t *testing.T) {
	list := []Module{{"a", []string{"b"}, []string{"x"}}, {"b", []string{"a"}, nil}}
	if got := Wanted(list, []string{"x"}); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(all[2].Line(), "virtio:d00000001v00001AF4")
	f.Add("a\tb\t[", "x")
	f.Fuzz(func(t *testing.T, text, device string) { Wanted(Parse(text), []string{device}) })
}
