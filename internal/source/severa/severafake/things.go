package severafake

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A filter says whether a thing is meant by a name of a query with these values.
type filter func(o Object, values []string) bool

// paging are names of a query that choose nothing.
var paging = []string{"pageToken", "rowCount", "firstRow", "calculateRowCount"}

// serve answers with the things of a collection ("invoices"), and with one of them.
// A name of a query that stands neither in filters nor in changedSince is a problem:
// a reader that relies on it would be believed.
func (s *Server) serve(name string, filters map[string]filter) {
	s.handle("GET /v1/"+name, func(w http.ResponseWriter, r *http.Request) {
		if list, ok := s.chosen(w, r, s.things[name], filters); ok {
			s.page(w, r, list)
		}
	})
	s.handle("GET /v1/"+name+"/{guid}", func(w http.ResponseWriter, r *http.Request) {
		o := s.find(name, r.PathValue("guid"))
		if o == nil {
			s.refuse(w, http.StatusNotFound, "InvalidParameter", "no "+name+" "+r.PathValue("guid"))
			return
		}
		s.reply(w, r, o)
	})
}

// serveOf answers with the things of a collection that belong to another:
// "GET /v1/invoices/{invoiceGuid}/invoicerows".
func (s *Server) serveOf(pattern, parent, key, name string, of func(o Object, guid string) bool, filters map[string]filter) {
	s.handle("GET "+pattern, func(w http.ResponseWriter, r *http.Request) {
		guid := r.PathValue(key)
		if parent != "" && s.find(parent, guid) == nil {
			s.refuse(w, http.StatusNotFound, "InvalidParameter", "no "+parent+" "+guid)
			return
		}
		var list []Object
		for _, o := range s.things[name] {
			if of(o, guid) {
				list = append(list, o)
			}
		}
		if list, ok := s.chosen(w, r, list, filters); ok {
			s.page(w, r, list)
		}
	})
}

func (s *Server) chosen(w http.ResponseWriter, r *http.Request, list []Object, filters map[string]filter) ([]Object, bool) {
	q := r.URL.Query()
	for name, values := range q {
		f, ok := filters[name]
		switch {
		case slices.Contains(paging, name):
			continue
		case ok:
		case name == "changedSince":
			f = changedSince
		default:
			s.problem("%s: the fake does not know what %s chooses", r.URL.Path, name)
			s.refuse(w, http.StatusBadRequest, "InvalidParameter", name)
			return nil, false
		}
		list = slices.DeleteFunc(slices.Clone(list), func(o Object) bool { return !f(o, values) })
	}
	return list, true
}

func changedSince(o Object, values []string) bool {
	since, err := time.Parse(time.RFC3339Nano, values[0])
	at, errAt := time.Parse(time.RFC3339Nano, text(o, "lastUpdatedDateTime"))
	return err == nil && errAt == nil && !at.Before(since)
}

// at is the value of a path such as "status.guid", nil when it is not there.
func at(o Object, path string) any {
	var v any = o
	for part := range strings.SplitSeq(path, ".") {
		m, ok := v.(Object)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}

func text(o Object, path string) string {
	switch v := at(o, path).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	}
	return ""
}

// is chooses the things whose value of a path is one of those that are asked for.
func is(path string) filter {
	return func(o Object, values []string) bool { return slices.Contains(values, text(o, path)) }
}

// has chooses by the things of a list: has("projects", "guid").
func has(list, path string) filter {
	return func(o Object, values []string) bool {
		items, _ := o[list].([]any)
		return slices.ContainsFunc(items, func(v any) bool {
			m, _ := v.(Object)
			return slices.Contains(values, text(m, path))
		})
	}
}

func (s *Server) find(name, guid string) Object {
	for _, o := range s.things[name] {
		if o["guid"] == guid {
			return o
		}
	}
	return nil
}

// schemaOf is what one thing of a collection looks like: by its own address, or by
// those under which it is listed.
func schemaOf(name string) *schema {
	d := theDescription()
	shape := &schema{}
	for template, methods := range d.Paths {
		o, ok := methods["get"]
		one := strings.HasPrefix(template, "/v1/"+name+"/{") && strings.Count(template, "/") == strings.Count(name, "/")+3
		if !ok || !one && (len(shape.Properties) > 0 || !strings.HasSuffix(template, "/"+name)) {
			continue
		}
		s := d.flat(o.Responses["200"].Content["application/json"].Schema)
		if s.Type == "array" {
			s = d.flat(s.Items)
		}
		if shape = s; one {
			break
		}
	}
	return shape
}

// Put puts a thing into a collection ("customers") and returns its guid. It gets one
// when it has none, and the times of now where it has none.
func (s *Server) Put(name string, o Object) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(name, o)
}

func (s *Server) put(name string, o Object) string {
	o = copied(o)
	if text(o, "guid") == "" {
		o["guid"] = s.guid()
	}
	if _, dated := schemaOf(name).Properties["lastUpdatedDateTime"]; dated {
		for _, field := range []string{"createdDateTime", "lastUpdatedDateTime"} {
			if o[field] == nil {
				o[field] = stamp(s.Now())
			}
		}
	}
	s.tested(name, o)
	s.things[name] = append(s.things[name], o)
	return text(o, "guid")
}

// tested reports what the description does not know of a thing.
func (s *Server) tested(name string, o Object) {
	for _, why := range theDescription().check(name, copied(o), schemaOf(name)) {
		s.problem("put: %s", why)
	}
}

func (s *Server) guid() string {
	s.last++
	return fmt.Sprintf("%08x-5e7e-4a00-8000-%012x", uint32(s.last)*2654435761, s.last)
}

// copied is a thing by itself, with numbers as they are written.
func copied(o Object) Object {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // a test put something into it that is no JSON
	}
	v, err := decode(b)
	if err != nil {
		panic(err)
	}
	return v.(Object)
}

// Change changes a thing, as a person does in Severa: its time of change is now.
func (s *Server) Change(name, guid string, f func(o Object)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change(name, guid, f)
}

func (s *Server) change(name, guid string, f func(o Object)) {
	o := s.find(name, guid)
	if o == nil {
		s.problem("there is no %s %s to be changed", name, guid)
		return
	}
	was := text(o, "lastUpdatedDateTime")
	f(o)
	if now := text(o, "lastUpdatedDateTime"); now != "" && now == was {
		o["lastUpdatedDateTime"] = stamp(s.Now())
	}
	fresh := copied(o)
	clear(o)
	maps.Copy(o, fresh)
	s.tested(name, o)
}

// Remove takes a thing away.
func (s *Server) Remove(name, guid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.things[name] = slices.DeleteFunc(s.things[name], func(o Object) bool { return o["guid"] == guid })
}

// Get is a copy of a thing, nil when it is not there.
func (s *Server) Get(name, guid string) Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.find(name, guid); o != nil {
		return copied(o)
	}
	return nil
}

// All are copies of the things of a collection, in the order in which they came.
func (s *Server) All(name string) (list []Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.things[name] {
		list = append(list, copied(o))
	}
	return list
}

// Ref is a thing as another shows it: the properties that field of holder has.
func (s *Server) Ref(holder, field, register, guid string) Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ref(holder, field, register, guid)
}

func (s *Server) ref(holder, field, register, guid string) Object {
	o := s.find(register, guid)
	if o == nil {
		return nil
	}
	p := schemaOf(holder).Properties[field]
	if p == nil {
		s.problem("%s has no %s", holder, field)
		return nil
	}
	d := theDescription()
	shape := d.flat(p)
	if shape.Type == "array" {
		shape = d.flat(shape.Items)
	}
	out := Object{}
	for name := range shape.Properties {
		if v, ok := o[name]; ok {
			out[name] = v
		}
	}
	return copied(out)
}

// patch takes a list of replacements on the things of a collection. refs names the
// register behind a reference: {"status": "invoicestatuses"}.
func (s *Server) patch(name string, refs map[string]string, done func(o Object)) {
	s.handle("PATCH /v1/"+name+"/{guid}", func(w http.ResponseWriter, r *http.Request) {
		guid := r.PathValue("guid")
		o := s.find(name, guid)
		if o == nil {
			s.refuse(w, http.StatusNotFound, "InvalidParameter", "no "+name+" "+guid)
			return
		}
		fresh := copied(o)
		ops, _ := body(r).([]any)
		for _, v := range ops {
			if why := s.replace(name, fresh, v.(Object), refs); why != "" {
				s.refuse(w, http.StatusBadRequest, "InvalidParameter", why)
				return
			}
		}
		s.change(name, guid, func(o Object) {
			clear(o)
			maps.Copy(o, fresh)
			if done != nil {
				done(o)
			}
		})
		_, op, _ := theDescription().find(r.Method, r.URL.Path)
		if theDescription().flat(op.Responses["200"].Content["application/json"].Schema).Type == "array" {
			s.reply(w, r, []Object{s.find(name, guid)})
			return
		}
		s.reply(w, r, s.find(name, guid))
	})
}

func (s *Server) replace(name string, o, op Object, refs map[string]string) string {
	parts := strings.Split(strings.TrimPrefix(text(op, "path"), "/"), "/")
	field := schemaOf(name).Properties[parts[0]]
	register, isRef := refs[parts[0]]
	switch {
	case op["op"] != "Replace":
		return "op: only Replace"
	case field == nil:
		s.problem("patch %s: there is no %s", name, text(op, "path"))
		return "path " + text(op, "path")
	case len(parts) == 2 && parts[1] == "guid" && isRef:
		there := s.ref(name, parts[0], register, text(op, "value"))
		if there == nil {
			return fmt.Sprintf("%s %s does not exist", parts[0], text(op, "value"))
		}
		o[parts[0]] = there
	case len(parts) == 2 && parts[1] == "amount" && o[parts[0]] != nil:
		sum := copied(o[parts[0]].(Object))
		sum["amount"] = json.Number(text(op, "value"))
		o[parts[0]] = sum
	case len(parts) == 1:
		value := op["value"]
		switch kind := theDescription().flat(field).Type; {
		case value == nil:
		case kind == "integer", kind == "number":
			value = json.Number(text(op, "value"))
		case kind == "boolean":
			value = text(op, "value") == "true"
		}
		o[parts[0]] = value
	default:
		return "path " + text(op, "path")
	}
	return ""
}
