// Package all lists the connectors that a connection can be read by.
package all

import (
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/file"
	"github.com/vienti/vienti/internal/source/nmbrs"
	"github.com/vienti/vienti/internal/source/severa"
	"github.com/vienti/vienti/internal/source/valueframe"
)

// Sources returns every connector, in the order in which people are shown them.
func Sources() *source.Registry {
	return source.NewRegistry(file.Kind(), severa.Kind(), valueframe.Kind(), nmbrs.Kind())
}
