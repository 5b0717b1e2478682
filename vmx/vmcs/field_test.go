package vmcs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestFieldWidth holds every field of the package to the hardware's encoding:
// bits 14:13 must name the width of its type, bits 11:10 the area of its name.
func TestFieldWidth(t *testing.T) {
	width := map[string]uint64{"Field16": 0, "Field64": 1, "Field32": 2, "FieldNat": 3}
	files, _ := filepath.Glob("*.go")
	seen := map[uint64]string{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			typ, ok := spec.Type.(*ast.Ident)
			if !ok {
				return true
			}
			want, ok := width[typ.Name]
			lit, isLit := spec.Values[0].(*ast.BasicLit)
			if !ok || !isLit {
				return true
			}
			name := spec.Names[0].Name
			enc, err := strconv.ParseUint(lit.Value, 0, 32)
			if err != nil {
				t.Fatal(err)
			}
			if got := enc >> 13 & 3; got != want {
				t.Errorf("%s = %#06x: width code %d, typed as %s", name, enc, got, typ.Name)
			}
			if area := enc >> 10 & 3; (area == 2) != (strings.HasPrefix(name, "Guest") && area != 1) || (area == 3) != strings.HasPrefix(name, "Host") {
				t.Errorf("%s = %#06x: area %d", name, enc, area)
			}
			if enc&1 != 0 {
				t.Errorf("%s = %#06x: the high half of a field", name, enc)
			}
			if other := seen[enc]; other != "" {
				t.Errorf("%s and %s are both %#06x", name, other, enc)
			}
			seen[enc] = name
			return true
		})
	}
	if len(seen) < 130 {
		t.Errorf("found only %d fields", len(seen))
	}
}

func TestSegmentFields(t *testing.T) {
	for _, tt := range []struct {
		s        Segment
		selector Field16
		base     FieldNat
		limit    Field32
		rights   Field32
	}{
		{ES, GuestESSelector, GuestESBase, GuestESLimit, GuestESAccess},
		{CS, GuestCSSelector, GuestCSBase, GuestCSLimit, GuestCSAccess},
		{SS, GuestSSSelector, GuestSSBase, GuestSSLimit, GuestSSAccess},
		{DS, GuestDSSelector, GuestDSBase, GuestDSLimit, GuestDSAccess},
		{FS, GuestFSSelector, GuestFSBase, GuestFSLimit, GuestFSAccess},
		{GS, GuestGSSelector, GuestGSBase, GuestGSLimit, GuestGSAccess},
		{LDTR, GuestLDTRSelector, GuestLDTRBase, GuestLDTRLimit, GuestLDTRAccess},
		{TR, GuestTRSelector, GuestTRBase, GuestTRLimit, GuestTRAccess},
	} {
		if tt.s.Selector() != tt.selector || tt.s.Base() != tt.base || tt.s.Limit() != tt.limit || tt.s.Access() != tt.rights {
			t.Errorf("segment %d: fields %#x %#x %#x %#x", tt.s, tt.s.Selector(), tt.s.Base(), tt.s.Limit(), tt.s.Access())
		}
	}
}
