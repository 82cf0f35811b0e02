package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/register"
)

// This file is the part of the settings that is about dimensions: which of Procountor's an
// axis is, and which of its items are made there.

// axisPrefix begins the names of the fields of an axis beside its dimension: axes.project.make.
const axisPrefix = "axes."

// dimension chooses one of the register copy.
func (m formMaker) dimension(key, value string, r *register.Copy) settingField {
	if r.Dimensions == nil {
		return m.field(written, key, value)
	}
	options, known := []settingOption{{"", "–"}}, value == ""
	for _, d := range r.Dimensions {
		options = append(options, settingOption{d.Name, d.Name})
		known = known || d.Name == value
	}
	if !known {
		options = append(options, settingOption{value, value})
	}
	return m.field(choice, key, value, options...)
}

// AxisWord is what people call an axis; a source may have its own.
func AxisWord(say locale.Speaker, axis string) string {
	if say.Has("axis." + axis) {
		return say.T("axis." + axis)
	}
	return axis
}

// axesOf reads what the form says of the axes; an axis of which it says nothing stays.
func axesOf(form url.Values, stored map[string]hub.AxisSettings) map[string]hub.AxisSettings {
	axes := map[string]hub.AxisSettings{}
	for axis, a := range stored {
		axes[axis] = a
	}
	for name := range form {
		axis, ofAxis := strings.CutPrefix(name, axisPrefix)
		axis, making := strings.CutSuffix(axis, ".make")
		if !ofAxis || !making {
			continue
		}
		a := hub.AxisSettings{Make: hub.ItemMaking(form.Get(name))}
		if a.Make == hub.MakeNeeded && axes[axis].Make == "" {
			a.Make = "" // as it is without a word
		}
		if axes[axis] = a; a.Make == "" {
			delete(axes, axis)
		}
	}
	if len(axes) == 0 {
		return nil
	}
	return axes
}

// dimensionGroup maps the source's axes to the dimensions of the register copy, all of
// which are there to choose from.
func (m formMaker) dimensionGroup(s *hub.Settings, r *register.Copy) settingGroup {
	g := settingGroup{ID: "dimensions", Title: m.say.T("settings.dimensions"), Help: m.say.T("settings.help-dimensions")}
	axes := slices.Clone(hub.Axes)
	if s.Kinds[hub.PayrollJournal].On {
		axes = append(axes, hub.CostUnitAxis)
	}
	for _, axis := range sortedKeys(s.Dimensions) {
		if !slices.Contains(axes, axis) {
			axes = append(axes, axis)
		}
	}
	for _, axis := range axes {
		g.Fields = append(g.Fields, m.axisFields(axis, s, r)...)
	}
	axis, dimension := m.field(written, addedAxis, ""), m.dimension(addedDimension, "", r)
	axis.Label, dimension.Label, axis.With = m.say.T("settings.axis"), m.say.T("settings.dimension"), &dimension
	for _, x := range m.faults {
		if axis.Value != "" && x.Key == dimensionPrefix+axis.Value {
			axis.Fault = faultWords(m.say, x)
		}
	}
	g.Fields = append(g.Fields, axis)
	return g
}

// axisFields are those of one axis.
func (m formMaker) axisFields(axis string, s *hub.Settings, r *register.Copy) []settingField {
	f := m.dimension(dimensionPrefix+axis, s.Dimensions[axis], r)
	a := s.Axes[axis]
	key := axisPrefix + axis + ".make"
	making := choose(m, key, cmp.Or(a.Make, hub.MakeNeeded), hub.ItemMakings...)
	making.Help = m.say.T("setting-help.axis_make")
	f.Label, making.Label = settingName(m.say, f.Key), settingName(m.say, key)
	return []settingField{f, making}
}
