package law

import (
	"encoding/json"
	"fmt"
	"go/ast"
	gc "go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// loaded is a package of ours, parsed and type-checked as the image has it.
type loaded struct {
	path  string // without the module's name
	fset  *token.FileSet
	files []*ast.File
	types *types.Package
	info  *types.Info
}

// listed is what go list says of a package.
type listed struct {
	Dir, ImportPath, Export string
	GoFiles                 []string
}

// load type-checks every package that the image is made of, once.
func load(t *testing.T) []loaded {
	t.Helper()
	loading.Lock()
	defer loading.Unlock()
	if all == nil {
		all = loadAll(t)
	}
	return all
}

var (
	loading sync.Mutex
	all     []loaded
)

func loadAll(t *testing.T) []loaded {
	t.Helper()
	out := goTool(t, "list", "-export", "-deps", "-tags", "metal", "-json=Dir,ImportPath,Export,GoFiles", "./cmd/hv")
	exports := map[string]string{}
	var ours []listed
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if strings.HasPrefix(p.ImportPath, module+"/") && len(p.GoFiles) > 0 {
			ours = append(ours, p)
		}
	}
	fset := token.NewFileSet()
	lookup := func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data for %s", path)
		}
		return os.Open(exports[path])
	}
	imp := importer.ForCompiler(fset, "gc", lookup)
	var all []loaded
	for _, p := range ours {
		l := loaded{path: strings.TrimPrefix(p.ImportPath, module+"/"), fset: fset}
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			l.files = append(l.files, f)
		}
		l.info = &types.Info{Instances: map[*ast.Ident]types.Instance{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
		conf := types.Config{Importer: imp, Sizes: types.SizesFor("gc", "amd64")}
		var err error
		if l.types, err = conf.Check(p.ImportPath, fset, l.files, l.info); err != nil {
			t.Fatalf("%s: %v", p.ImportPath, err)
		}
		all = append(all, l)
	}
	return all
}

// constant returns the value of a package's constant.
func constant(t *testing.T, pkg, name string) int {
	t.Helper()
	for _, p := range load(t) {
		if p.path == pkg {
			if c, ok := p.types.Scope().Lookup(name).(*types.Const); ok {
				if v, ok := gc.Int64Val(c.Val()); ok {
					return int(v)
				}
			}
		}
	}
	t.Fatalf("%s has no constant %s", pkg, name)
	return 0
}
