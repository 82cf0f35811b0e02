package bench

import (
	"testing"
	"time"
)

// The bench itself works, on few documents: every part comes to its end and
// every document arrives. Figures are not judged here.
func TestRunInSmall(t *testing.T) {
	figures, err := Run(t.Context(), Options{Documents: 60, Steady: 2 * time.Second, Dir: t.TempDir(), Progress: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	if len(figures) < 8 {
		t.Errorf("%d figures", len(figures))
	}
	for _, f := range figures {
		t.Logf("%s %.3f %s %s", f.Name, f.Value, f.Unit, f.Aim)
		if f.Value <= 0 {
			t.Errorf("%s is %v", f.Name, f.Value)
		}
	}
}
