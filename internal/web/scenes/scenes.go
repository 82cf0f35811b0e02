// Package scenes plays what people do with the pages in a real browser
// (tests only).
package scenes

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/vienti/vienti/internal/needs"
)

// axe is axe-core 4.14.1 (MPL-2.0), which finds what keeps people out.
//
//go:embed testdata/axe.min.js
var axe string

const (
	// patience is how long a page may take to become what a scene expects.
	patience = 10 * time.Second
	// sceneTime bounds a whole scene.
	sceneTime = 90 * time.Second
	// ShotsEnv names a folder in which screenshots are kept; without it none are made.
	ShotsEnv = "VIENTI_SHOTS"
)

// A Page is one window of the browser, with a profile of its own.
type Page struct {
	t     testing.TB
	ctx   context.Context
	base  string
	shots string
	width int64

	mu       sync.Mutex
	problems []string
	// expected are parts of console messages that the scene causes on purpose.
	expected []string
}

// Look is how a page is looked at.
type Look struct {
	Width, Height int64
	Dark          bool
	NoScript      bool
}

// The two widths that every scene is played at.
var (
	Desk  = Look{Width: 1280, Height: 860}
	Phone = Look{Width: 360, Height: 740}
)

func (l Look) String() string {
	s := fmt.Sprint(l.Width)
	if l.Dark {
		s += "-dark"
	}
	if l.NoScript {
		s += "-noscript"
	}
	return s
}

// One browser serves all scenes of a run: starting one takes longer than many a scene. Each
// scene has a profile of its own in it, without anything of the others.
var browsers struct {
	sync.Mutex
	ctx   context.Context
	close func()
}

func running(bin string) (context.Context, error) {
	browsers.Lock()
	defer browsers.Unlock()
	if browsers.ctx != nil {
		return browsers.ctx, nil
	}
	profile, err := os.MkdirTemp("", "vienti-scenes-")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(bin), chromedp.UserDataDir(profile), chromedp.NoSandbox,
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(ctx)
	browsers.close = func() {
		cancel()
		stop()
		os.RemoveAll(profile)
	}
	if err := chromedp.Do(ctx); err != nil {
		browsers.close()
		return nil, err
	}
	browsers.ctx = ctx
	return ctx, nil
}

// Close ends the browser after the last scene.
func Close() {
	browsers.Lock()
	defer browsers.Unlock()
	if browsers.ctx != nil {
		browsers.close()
		browsers.ctx = nil
	}
}

// Open opens a window of a browser with an empty profile. Without Chromium the test is
// left out, or fails where it must not be.
func Open(t testing.TB, base string, look Look) *Page {
	t.Helper()
	bin := browser()
	if bin == "" {
		needs.Missing(t, needs.Chromium, "no chromium in PATH; apt-get install chromium-headless-shell")
	}
	all, err := running(bin)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(all, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // its own life ends with ctx, not with the time of the scene
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, sceneTime)
	t.Cleanup(cancel)

	p := &Page{t: t, ctx: ctx, base: base, shots: os.Getenv(ShotsEnv), width: look.Width}
	p.do("listen", func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, tab, cdplog.Enable, cdp.Empty{}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, tab, runtime.Enable, cdp.Empty{})
		return chromedp.Void{}, err
	})
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	p.do("look as if in front", func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, tab, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return chromedp.Void{}, err
	})
	p.do("set the window", chromedp.EmulateViewport(look.Width, look.Height))
	p.do("set the look", func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		scheme := "light"
		if look.Dark {
			scheme = "dark"
		}
		if _, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: look.NoScript})
		return chromedp.Void{}, err
	})
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, x := range p.problems {
			t.Errorf("the browser complained: %s", x)
		}
	})
	return p
}

// browser prefers Chromium without the windows of a desktop: the same engine, and half the work.
func browser() string {
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if bin, err := exec.LookPath(name); err == nil {
			return bin
		}
	}
	return ""
}

// hear keeps what the browser complains about: errors in scripts, and whatever
// our own content policy forbids.
func (p *Page) hear(ev any) {
	text := ""
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		text = fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.URL)
	case runtime.EventExceptionThrown:
		text = fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.URL)
	case *cdplog.EventEntryAdded:
		text = entry(e.Entry)
	case cdplog.EventEntryAdded:
		text = entry(e.Entry)
	}
	if text == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.expected {
		if strings.Contains(text, x) {
			return
		}
	}
	p.problems = append(p.problems, text)
}

func entry(e any) string {
	b, err := json.Marshal(e)
	if err != nil {
		return err.Error()
	}
	var v struct{ Level, Source, Text, URL string }
	if json.Unmarshal(b, &v) != nil || v.Level != "error" && v.Source != "security" {
		return ""
	}
	return v.Source + ": " + v.Text + " " + v.URL
}

// Expect lets the browser complain about something that the scene causes.
func (p *Page) Expect(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = append(p.expected, part)
}

func (p *Page) do(what string, a chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, a); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// Go opens an address of the site.
func (p *Page) Go(path string) {
	p.t.Helper()
	p.do("open "+path, chromedp.Navigate(p.base+path))
}

// Click presses the first visible element that the selector chooses.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Fill types into a field, over what stands there.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	p.do("focus "+selector, chromedp.Focus(chromedp.CSS(selector)))
	p.do("mark all", chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.do("fill "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Choose takes the option with a value out of a list.
func (p *Page) Choose(selector, value string) {
	p.t.Helper()
	p.do("choose in "+selector, chromedp.SetValue(chromedp.CSS(selector), value))
}

// Upload puts a file with the given content into a field.
func (p *Page) Upload(selector, content string) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "file.csv")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.do("upload to "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file}))
}

// Key presses a key, such as "\t" or "\r".
func (p *Page) Key(key string) {
	p.t.Helper()
	p.do("press a key", chromedp.KeyEvent(key))
}

// Text is the visible text of the first element that the selector chooses.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	s, err := chromedp.Run(p.ctx, chromedp.Text(chromedp.CSS(selector)))
	if err != nil {
		p.t.Fatalf("read %s: %v", selector, err)
	}
	return strings.Join(strings.Fields(s), " ")
}

// Sees waits until the text of an element contains words.
func (p *Page) Sees(selector, words string) {
	p.t.Helper()
	end, last := time.Now().Add(patience), ""
	for time.Now().Before(end) {
		ctx, cancel := context.WithTimeout(p.ctx, time.Second)
		s, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
		cancel()
		if err == nil {
			if last = strings.Join(strings.Fields(s), " "); strings.Contains(last, words) {
				return
			}
		}
		time.Sleep(30 * time.Millisecond)
	}
	p.Shot("not-seen")
	p.t.Fatalf("%s does not show %q but %q", selector, words, last)
}

// Shot keeps a picture of the whole page, where pictures are wanted.
func (p *Page) Shot(name string) {
	p.t.Helper()
	if p.shots == "" {
		return
	}
	b, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatalf("screenshot: %v", err)
	}
	name = strings.NewReplacer("/", "-", " ", "-").Replace(p.t.Name()) + "-" + name + ".png"
	if err := os.WriteFile(filepath.Join(p.shots, name), b, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// Sound checks that nobody is kept out (WCAG 2.2 A and AA, by axe-core) and that
// nothing sticks out of the window.
func (p *Page) Sound() {
	p.t.Helper()
	where, err := chromedp.Run(p.ctx, chromedp.Location())
	if err != nil {
		p.t.Fatal(err)
	}
	found, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](axe+`;
		axe.run(document, {runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}})
		.then(r => r.violations.map(v => v.id + " (" + v.impact + "): " + v.help + "\n" +
			v.nodes.slice(0, 4).map(n => "  " + n.target + ": " + n.failureSummary.replace(/\s+/g, " ")).join("\n")).join("\n"))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("axe on %s: %v", where, err)
	}
	if found != "" {
		p.t.Errorf("%s at %d:\n%s", where, p.width, found)
	}
	wide, err := chromedp.Run(p.ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
	if err != nil {
		p.t.Fatal(err)
	}
	if wide > p.width {
		p.t.Errorf("%s is %d wide in a window of %d", where, wide, p.width)
	}
}

// Focused is the id of the element that has the keyboard.
func (p *Page) Focused() string {
	p.t.Helper()
	id, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.activeElement ? document.activeElement.id : ""`))
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}
