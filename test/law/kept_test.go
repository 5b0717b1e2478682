package law

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"testing"
)

// A kept record outlives the instance that wrote it, so nothing in it may point
// into that instance, and its layout may depend on nothing but its source. A
// type is one if its comment calls it a kept record, or if it is the type that
// a function of mm/kept is called for.

// TestKeptRecordsPointNowhere looks at every kept record, however deep.
func TestKeptRecordsPointNowhere(t *testing.T) {
	n := 0
	for _, p := range load(t) {
		for name, typ := range keptTypes(p) {
			n++
			for _, complaint := range pointers(typ, p.path+"."+name) {
				t.Error(complaint)
			}
		}
	}
	if n == 0 {
		t.Error("found no kept records: have their comments changed?")
	}
	t.Logf("%d kept records", n)
}

var record = regexp.MustCompile(`\bkept record\b`)

// keptTypes returns the package's kept records by name.
func keptTypes(p loaded) map[string]types.Type {
	kept := map[string]types.Type{}
	for _, f := range p.files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.TypeSpec)
				words := spec.Doc.Text() + spec.Comment.Text()
				if len(g.Specs) == 1 {
					words += g.Doc.Text()
				}
				words = strings.Join(strings.Fields(words), " ")
				if record.MatchString(words) && spec.TypeParams == nil {
					kept[spec.Name.Name] = p.info.Defs[spec.Name].Type()
				}
			}
		}
	}
	for id, inst := range p.info.Instances {
		obj := p.info.Uses[id]
		if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != module+"/mm/kept" || p.path == "mm/kept" {
			continue
		}
		for i := range inst.TypeArgs.Len() {
			arg := inst.TypeArgs.At(i)
			if _, open := arg.(*types.TypeParam); !open {
				kept[arg.String()] = arg
			}
		}
	}
	return kept
}

// pointers names every place in a type at which a pointer lies, or which has
// another layout elsewhere.
func pointers(t types.Type, at string) (complaints []string) {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&(types.IsString|types.IsComplex) != 0 || u.Kind() == types.UnsafePointer {
			return []string{at + " is a " + t.String() + ", in a kept record"}
		}
	case *types.Array:
		return pointers(u.Elem(), at+"[]")
	case *types.Struct:
		for f := range u.Fields() {
			complaints = append(complaints, pointers(f.Type(), at+"."+f.Name())...)
		}
	default:
		return []string{at + " is a " + t.String() + ", in a kept record"}
	}
	return complaints
}

func TestPointersSeeAnOffence(t *testing.T) {
	const source = `package p
import "sync/atomic"
// Good is a kept record.
type Good struct { A uint64; B [4]struct{ C [16]byte; D bool }; E kind }
type kind uint8
// Bad is a kept
// record with all that it may not have.
type Bad struct {
	A *uint64; B []byte; C string; D map[int]int; E func(); F chan int; G any
	H [2]struct{ I error }; J inner; K atomic.Uint64; L atomic.Pointer[int]
}
type inner struct { M *inner }
// Other is where kept records are found.
type Other struct { A *uint64 }
`
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	p := loaded{path: "p", fset: fset, files: []*ast.File{f}}
	p.info = &types.Info{Instances: map[*ast.Ident]types.Instance{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	if p.types, err = conf.Check("p", fset, p.files, p.info); err != nil {
		t.Fatal(err)
	}
	kept := keptTypes(p)
	if len(kept) != 2 || kept["Good"] == nil || kept["Bad"] == nil {
		t.Fatalf("kept records found: %v", kept)
	}
	if c := pointers(kept["Good"], "p.Good"); len(c) > 0 {
		t.Errorf("Good: %q", c)
	}
	got := strings.Join(pointers(kept["Bad"], "p.Bad"), "\n")
	for _, field := range []string{".A ", ".B ", ".C ", ".D ", ".E ", ".F ", ".G ", ".H[].I ", ".J.M ", ".L."} {
		if !strings.Contains(got, "p.Bad"+field) {
			t.Errorf("Bad%s was not found in\n%s", field, got)
		}
	}
	if strings.Contains(got, "p.Bad.K") {
		t.Errorf("an atomic word is no pointer:\n%s", got)
	}
}
