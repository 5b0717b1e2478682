package image_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/boot/le"
	"perdure/hhr/image"
	"perdure/hhr/image/sign"
)

// Two keys, from seeds that everybody knows.
var (
	ours   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	theirs = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
)

func public(k ed25519.PrivateKey) image.Key { return image.Key(k.Public().(ed25519.PublicKey)) }

func manifest() image.Manifest {
	return image.Manifest{
		Build: "bbbb", Release: "0.1.0", Home: 32 << 20, Program: 4 << 20, Blackout: 1000, Entry: 1, Handoff: 1,
		Records: []image.Record{
			{Number: 1, Version: 1, Reads: 1, Writes: 1, Bytes: 4096, Layout: 0xaa},
			{Number: 2, Version: 3, Reads: 2, Writes: 2, Bytes: 512, Layout: 0xbb},
		},
	}
}

// running is an instance that the manifest's image fits.
func running() image.Running {
	m := manifest()
	m.Build = "aaaa"
	return image.Running{Manifest: m, Room: 32 << 20}
}

func TestGoodImage(t *testing.T) {
	m, now := manifest(), running()
	file := sign.File(sign.Sample(), &m, ours)
	got, err := image.Check(file, public(ours), &now)
	require.NoError(t, err)
	require.Equal(t, image.Image{Manifest: m, Load: image.Load{Offset: 4096, Size: 8192, Entry: 0x28}, Layouts: []byte{}, Same: true}, got)
	require.Equal(t, sign.Body(file), file[:len(file)-image.PageSize])
}

func TestLayouts(t *testing.T) {
	layouts := bytes.Repeat([]byte("layout"), 1000)
	m, now := manifest(), running()
	m.Layouts = uint64(len(layouts))
	now.Records[0].Layout++
	file := sign.File(sign.With(sign.Sample(), layouts), &m, ours)
	got, err := image.Check(file, public(ours), &now)
	require.NoError(t, err)
	require.Equal(t, layouts, got.Layouts)
	require.False(t, got.Same)
	require.Equal(t, image.Load{Offset: 4096, Size: 8192, Entry: 0x28}, got.Load)
}

// TestStepsDoTheSame checks it in pieces.
func TestStepsDoTheSame(t *testing.T) {
	m := manifest()
	file := sign.File(sign.Sample(), &m, ours)
	c := image.Begin(file, public(ours), nil)
	n := 1
	for !c.Step(1000) {
		n++
	}
	_, err := c.Result()
	require.NoError(t, err)
	require.Equal(t, (len(file)-image.PageSize+999)/1000, n)
	file[5000]++
	c = image.Begin(file, public(ours), nil)
	for !c.Step(1000) {
	}
	_, err = c.Result()
	require.ErrorContains(t, err, "digest")
}

func TestUnfitImages(t *testing.T) {
	for _, c := range []struct {
		name    string
		elf     func(b []byte) []byte
		m       func(m *image.Manifest)
		now     func(r *image.Running)
		file    func(b []byte) []byte
		reasons []string // a part of each
	}{
		{name: "nothing", file: func(b []byte) []byte { return nil }, reasons: []string{"too short"}},
		{name: "enormous", file: func(b []byte) []byte { return make([]byte, image.MaxSize+image.PageSize) }, reasons: []string{"too long"}},
		{name: "unsigned", file: func(b []byte) []byte { return sign.Sample() }, reasons: []string{"does not end with a page"}},
		{name: "unsigned pages", file: func(b []byte) []byte { return b[:len(b)-4096] }, reasons: []string{"carries no manifest"}},
		{name: "signature", file: func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, reasons: []string{"signature is not valid"}},
		{name: "manifest", file: func(b []byte) []byte { b[len(b)-4096+0x10] ^= 1; return b }, reasons: []string{"signature is not valid"}},
		{name: "format", file: func(b []byte) []byte { b[len(b)-4096+8] = 9; return b }, reasons: []string{"format 9, known is 2"}},
		{name: "record count", file: func(b []byte) []byte { b[len(b)-4096+14] = 9; return b }, reasons: []string{"too many records"}},
		{name: "body", file: func(b []byte) []byte { b[5000] ^= 0x80; return b }, reasons: []string{"digest is not the signed one"}},
		{name: "a page more", file: func(b []byte) []byte { return append(make([]byte, 4096), b...) }, reasons: []string{"not as long as was signed"}},
		{name: "record order", m: func(m *image.Manifest) { m.Records[1].Number = 1 }, reasons: []string{"record 1"}},
		{name: "record versions", m: func(m *image.Manifest) { m.Records[1].Reads = 9 }, reasons: []string{"record 2"}},
		{name: "no ELF", elf: func(b []byte) []byte { return b[4096:] }, reasons: []string{"not 64-bit x86"}},
		{name: "ELF without a segment", elf: func(b []byte) []byte { le.Put16(b, 56, 0); return b }, reasons: []string{"nothing to load"}},
		{name: "two segments", elf: func(b []byte) []byte { le.Put16(b, 56, 2); copy(b[120:], b[64:120]); return b }, reasons: []string{"two segments"}},
		{name: "headers beyond", elf: func(b []byte) []byte { le.Put64(b, 32, 1<<63); return b }, reasons: []string{"program headers"}},
		{name: "many headers", elf: func(b []byte) []byte { le.Put16(b, 56, 65535); return b }, reasons: []string{"program headers"}},
		{name: "segment beyond", elf: func(b []byte) []byte { le.Put64(b, 72, 1<<62); return b }, reasons: []string{"beyond its end"}},
		{name: "segment off its page", elf: func(b []byte) []byte { le.Put64(b, 72, 8); return b }, reasons: []string{"begin on a page"}},
		{name: "segment with a gap", elf: func(b []byte) []byte { le.Put64(b, 104, 1<<62); return b }, reasons: []string{"in the file whole"}},
		{name: "entry", elf: func(b []byte) []byte { le.Put64(b, 24, 5); return b }, reasons: []string{"entered outside"}},
		{name: "same build", m: func(m *image.Manifest) { m.Build = "aaaa" }, reasons: []string{"the build that runs, aaaa; --force"}},
		{name: "same build by force", m: func(m *image.Manifest) { m.Build = "aaaa" }, now: func(r *image.Running) { r.Force = true }},
		{name: "protocols", m: func(m *image.Manifest) { m.Entry, m.Handoff = 2, 3 }, reasons: []string{"entered by protocol 2", "hands over by protocol 3"}},
		{name: "home", m: func(m *image.Manifest) { m.Home = 64 << 20 }, reasons: []string{"needs 64 MiB for its home, 32 MiB"}},
		{name: "record unknown", now: func(r *image.Running) { r.Records = append(r.Records, image.Record{Number: 7, Version: 1}) }, reasons: []string{"does not know record 7"}},
		{name: "record unknown, dropped", now: func(r *image.Running) {
			r.Records = append(r.Records, image.Record{Number: 7, Version: 1, Drop: true})
		}},
		{name: "record too old", now: func(r *image.Running) { r.Records[1].Version = 1 }, reasons: []string{"versions from 2 on, the running build has 1"}},
		{name: "record too new", now: func(r *image.Running) { r.Records[1].Version, r.Records[1].Writes = 5, 4 }, reasons: []string{"up to 3, the running build writes them from 4 on"}},
		{name: "record converted", now: func(r *image.Running) { r.Records[1].Version, r.Records[1].Layout = 4, 1 }},
		{name: "layout", now: func(r *image.Running) { r.Records[0].Layout = 1 }},
		{name: "layouts", m: func(m *image.Manifest) { m.Layouts = 1 << 40 }, reasons: []string{"more layouts than there are bytes"}},
		{name: "all at once", m: func(m *image.Manifest) { m.Entry, m.Home, m.Build = 2, 64<<20, "aaaa" }, reasons: []string{"protocol", "build", "MiB"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, m, now := sign.Sample(), manifest(), running()
			if c.elf != nil {
				b = c.elf(b)
			}
			if c.m != nil {
				c.m(&m)
			}
			if c.now != nil {
				c.now(&now)
			}
			file := sign.File(b, &m, ours)
			if c.file != nil {
				file = c.file(file)
			}
			_, err := image.Check(file, public(ours), &now)
			if c.reasons == nil {
				require.NoError(t, err)
				return
			}
			unfit, ok := err.(image.Unfit)
			require.True(t, ok, "%v", err)
			require.Len(t, unfit, len(c.reasons), "%q", unfit)
			for i, r := range c.reasons {
				assert.Contains(t, unfit[i], r)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	m := manifest()
	file := sign.File(sign.Sample(), &m, theirs)
	_, err := image.Check(file, public(ours), nil)
	require.ErrorContains(t, err, "signed by "+public(theirs).String()+", trusted is "+public(ours).String())
	_, err = image.Check(file, image.Key{}, nil)
	require.ErrorContains(t, err, "no key")
	_, err = image.Check(file, image.BuiltinKey(), nil)
	require.Error(t, err, "a test has no key built in")

	k, ok := image.ParseKey(public(ours).String())
	require.True(t, ok)
	require.Equal(t, public(ours), k)
	for _, s := range []string{"", "12", strings.Repeat("g", 64), strings.Repeat("0", 64), strings.Repeat("1", 66)} {
		_, ok := image.ParseKey(s)
		require.False(t, ok, s)
	}
}
