package procountortest

import (
	"fmt"
	"net/url"
	"slices"
)

// Comments on invoices, and webhooks.

func postComment(c *call, in *Comment) (any, error) {
	inv, err := c.invoice(0)
	if err != nil {
		return nil, err
	}
	if in.Comment == "" {
		return nil, badRequest("comment", codeEmpty)
	}
	m := &comment{Comment: Comment{ID: c.co.nextID(), Author: userName(c.user), DateTime: stamp(c.now), Comment: in.Comment,
		TaggedUsersInfo: &TaggedUsersInfo{ptr(int64(0)), ptr(true)}}, InvoiceID: inv.ID}
	c.co.keepCounters()
	c.co.comments.put(m.ID, m)
	return m.Comment, nil
}

func listComments(c *call) (any, error) {
	inv, err := c.invoice(0)
	if err != nil {
		return nil, err
	}
	list := []Comment{}
	for _, m := range c.co.comments.all() {
		if m.InvoiceID == inv.ID {
			list = append(list, m.Comment)
		}
	}
	return map[string]any{"comments": list}, nil
}

func (c *call) comment() (*comment, error) {
	inv, err := c.invoice(0)
	if err != nil {
		return nil, err
	}
	id, err := c.pathID(1)
	if err != nil {
		return nil, err
	}
	m := c.co.comments.get(id)
	if m == nil || m.InvoiceID != inv.ID {
		return nil, notFound()
	}
	return m, nil
}

func getComment(c *call) (any, error) {
	m, err := c.comment()
	if err != nil {
		return nil, err
	}
	return CommentWithTaggedUsers{ID: m.ID, Author: m.Author, DateTime: m.DateTime, Comment: m.Comment.Comment, TaggedUsersInfo: m.TaggedUsersInfo, TaggedUsers: []TaggedUser{}}, nil
}

func readComment(c *call) (any, error) {
	if _, err := c.comment(); err != nil {
		return nil, err
	}
	return info("Comment read"), nil
}

func taggableUsers(c *call) (any, error) {
	if _, err := c.invoice(0); err != nil {
		return nil, err
	}
	list := []TaggableUser{}
	for _, u := range c.co.users.all() {
		list = append(list, TaggableUser{u.Username, userName(u)})
	}
	return map[string]any{"taggableUsers": list}, nil
}

// Webhooks are kept and never called (assumption 39).

func checkWebhook(f *faults, w *Webhook) {
	if u, err := url.Parse(w.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		f.add("url", invalid("url", short(w.URL)), assumeFieldCodes)
	}
}

func postWebhook(c *call, in *Webhook) (any, error) {
	f := &faults{call: c}
	checkWebhook(f, in)
	if err := f.err(); err != nil {
		return nil, err
	}
	c.assume(assumeWebhookSecret)
	id := c.co.nextID()
	x := c.srv.opaque(uint64(c.co.id), uint64(id))
	in.UUID = fmt.Sprintf("%s-%s-4%s-8%s-%s", x[:8], x[8:12], x[13:16], x[17:20], x[20:32])
	c.co.hooks.put(id, &webhook{*in, stamp(c.now)})
	c.co.keepCounters()
	return CreatedWebhookResponse{ptr(int64(200)), in.UUID}, nil
}

func (c *call) webhook() (int64, *webhook, error) {
	for id, w := range c.co.hooks.all() {
		if w.UUID == c.vars[0] {
			return id, w, nil
		}
	}
	return 0, nil, notFound()
}

func putWebhook(c *call, in *Webhook) (any, error) {
	id, old, err := c.webhook()
	if err != nil {
		return nil, err
	}
	f := &faults{call: c}
	checkWebhook(f, in)
	if err := f.err(); err != nil {
		return nil, err
	}
	in.UUID = old.UUID
	c.co.hooks.put(id, &webhook{*in, old.Created})
	return info("Webhook saved"), nil
}

func deleteWebhook(c *call) (any, error) {
	id, _, err := c.webhook()
	if err != nil {
		return nil, err
	}
	c.co.hooks.del(id)
	return noContent{}, nil
}

func searchWebhooks(c *call) (any, error) {
	q := c.query()
	p := q.pager(true, "orderByCreatedDate")
	if err := q.err(); err != nil {
		return nil, err
	}
	type row struct {
		id int64
		*webhook
	}
	var rows []*row
	for id, w := range c.co.hooks.all() {
		if (!q.has("url") || w.URL == q.text("url")) && (!q.has("eventType") || slices.Contains(w.Subscriptions, q.text("eventType"))) {
			rows = append(rows, &row{id, w})
		}
	}
	return pageOf(p, rows, func(r *row) int64 { return r.id }, func(r *row, _ string) string { return r.Created },
		func(r *row) Webhook { return r.Webhook }), nil
}
