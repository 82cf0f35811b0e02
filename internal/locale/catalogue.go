package locale

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"sync"

	"github.com/BurntSushi/toml"
)

//go:embed text
var files embed.FS

// A catalogue is read when its language is first spoken: the command line
// speaks one language and should not wait for four.
var catalogues = func() map[Language]func() map[string]string {
	m := map[Language]func() map[string]string{}
	for _, l := range Languages {
		m[l] = sync.OnceValue(func() map[string]string {
			texts, err := readCatalogue(files, l)
			if err != nil {
				panic(err) // the files are compiled in; a test reads them all
			}
			return texts
		})
	}
	return m
}()

func catalogue(l Language) map[string]string {
	if f, ok := catalogues[l]; ok {
		return f()
	}
	return nil
}

// readCatalogue joins the files of one language; tables become dotted keys.
func readCatalogue(fsys fs.FS, l Language) (map[string]string, error) {
	dir := path.Join("text", string(l))
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("texts of %s: %w", l, err)
	}
	texts := map[string]string{}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("texts of %s: %w", l, err)
		}
		var tree map[string]any
		if err := toml.Unmarshal(b, &tree); err != nil {
			return nil, fmt.Errorf("texts of %s: %s: %w", l, name, err)
		}
		if err := flatten(texts, "", tree); err != nil {
			return nil, fmt.Errorf("texts of %s: %s: %w", l, name, err)
		}
	}
	return texts, nil
}

func flatten(texts map[string]string, prefix string, tree map[string]any) error {
	for k, v := range tree {
		key := prefix + k
		switch v := v.(type) {
		case string:
			if _, twice := texts[key]; twice {
				return fmt.Errorf("%s stands in two files", key)
			}
			texts[key] = v
		case map[string]any:
			if err := flatten(texts, key+".", v); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s is a %T, not a text", key, v)
		}
	}
	return nil
}
