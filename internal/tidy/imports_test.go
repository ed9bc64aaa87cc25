package tidy

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers are the packages from the ground up: one may import those below it and
// nothing beside or above it, except within the same folder of cmd or examples. A
// name that ends in a slash stands for everything below that folder.
var layers = [][]string{
	{"internal/coro", "internal/driver", "internal/ring", "internal/cpython", "internal/monitor"},
	{"internal/inside", "internal/faulty", "console/internal/"},
	{"console"},
	{"."},
	{"asynciotest", "sim/internal/simenv", "internal/acceptor", "internal/recording", "aiofs", "sim/internal/explore", "sim/fault"},
	{"aionet", "aiofs/fstest", "sim/internal/netsim", "sim/internal/disksim"},
	{"aioexec"},
	{"aiohttp", "aiohttp/", "console/client", "console/prometheus", "console/otel", "remote", "conformance", "internal/timeline", "internal/vet"},
	{"sim/internal/report"},
	{"sim"},
	{"sim/history"},
	{"console/browser", "cmd/", "examples/", "examples", "bench/", "conformance/cmd/", "internal/tidy", "internal/mutation"},
	{"bench"},
}

// layerOf is the index of the package's layer, or -1.
func layerOf(dir string) int {
	return slices.IndexFunc(layers, func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			return dir == name || strings.HasSuffix(name, "/") && strings.HasPrefix(dir, name)
		})
	})
}

// outside is what may come from other modules, by folder. What is not listed has
// the standard library and this module alone.
var outside = map[string][]string{
	".":                  {"golang.org/x/sys"},
	"internal/driver":    {"golang.org/x/sys"},
	"aioexec":            {"golang.org/x/sys"},
	"internal/timeline":  {"github.com/fatih/color", "github.com/mattn/go-runewidth"}, // for the command alone
	"internal/vet":       {"golang.org/x/tools"},                                      // for the command alone
	"aiohttp":            {"golang.org/x/net"},
	"aiohttp/fast":       {"github.com/valyala/fasthttp"},
	"cmd/":               {"github.com/", "golang.org/x/"},
	"examples/postgres":  {"github.com/jackc/pgx/v5"},
	"examples/redis":     {"github.com/gomodule/redigo"},
	"examples/raftkv":    {"go.etcd.io/raft/v3", "google.golang.org/protobuf"},
	"console/prometheus": {"github.com/prometheus/client_golang"},
	"console/otel":       {"go.opentelemetry.io/otel"},
	"sim/history":        {"github.com/anishathalye/porcupine"},
	"bench":              {"golang.org/x/sys"},
	"bench/":             {"golang.org/x/sys", "github.com/panjf2000/gnet/v2", "github.com/valyala/fasthttp"}, // what is measured beside ours
}

func TestImportArrowsPointDown(t *testing.T) {
	eachSource(t, notTest, func(s source) {
		if layerOf(s.dir()) < 0 {
			t.Errorf("%s: package %s is in no layer: put it into the list of this test and into docs/DESIGN.md", s.name, s.dir())
			return
		}
		for _, imported := range importsOf(t, s) {
			target, ours := strings.CutPrefix(imported, module)
			if ours && !mayImport(s.dir(), folderOf(target)) {
				t.Errorf("%s: %s must not import %s, which is not below it", s.name, s.dir(), imported)
			}
		}
	})
}

// folderOf is the folder of a package of the module.
func folderOf(target string) string {
	if target == "" {
		return "."
	}
	return strings.TrimPrefix(target, "/")
}

func mayImport(dir, target string) bool {
	if folder, _, ok := strings.Cut(dir, "/"); ok && (folder == "cmd" || folder == "bench" || folder == "examples") && strings.HasPrefix(target, folder+"/") {
		return true // parts of one program
	}
	return layerOf(target) >= 0 && layerOf(target) < layerOf(dir)
}

func TestOtherModulesAreUsedOnlyWhereTheListSaysSo(t *testing.T) {
	eachSource(t, notTest, func(s source) {
		for _, imported := range importsOf(t, s) {
			host, _, _ := strings.Cut(imported, "/")
			if !strings.Contains(host, ".") || imported == module || strings.HasPrefix(imported, module+"/") {
				continue
			}
			if !slices.ContainsFunc(allowedOutside(s.dir()), func(prefix string) bool { return strings.HasPrefix(imported, prefix) }) {
				t.Errorf("%s: %s must not depend on %s: a user of the core would have to download it", s.name, s.dir(), imported)
			}
		}
	})
}

func allowedOutside(dir string) []string {
	for name, prefixes := range outside {
		if name == dir || strings.HasSuffix(name, "/") && strings.HasPrefix(dir, name) {
			return prefixes
		}
	}
	return nil
}

func TestTheCoroutinesHaveOneUserOfIterPull(t *testing.T) {
	uses := 0
	eachSource(t, notTest, func(s source) {
		for _, name := range selectors(s.syntax, "iter") {
			if name.Sel.Name != "Pull" && name.Sel.Name != "Pull2" {
				continue
			}
			if uses++; s.dir() != "internal/coro" && s.dir() != "bench" { // bench measures the bare thing
				t.Errorf("%s: iter.%s outside internal/coro, which knows its traps", at(name), name.Sel.Name)
			}
		}
	})
	if uses == 0 {
		t.Error("nobody uses iter.Pull: this test looks in the wrong way")
	}
}

func importsOf(t *testing.T, s source) (paths []string) {
	t.Helper()
	for _, i := range s.syntax.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		paths = append(paths, p)
	}
	return paths
}
