package bench

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// restFor is how long the program is left alone before its memory is read.
const restFor = 5 * time.Second

// idleMemory starts "vienti serve" on an empty database, asks for one page and
// reads how much memory it holds while nothing happens.
func idleMemory(ctx context.Context, o Options) ([]Figure, error) {
	if o.Program == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	l.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, o.Program, "serve", "--database", "sqlite:"+filepath.Join(o.Dir, "idle", "vienti.db"),
		"--key-file", filepath.Join(o.Dir, "idle-key", "vault.key"))
	cmd.Env = append(os.Environ(), "VIENTI_LISTEN="+addr)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() { cancel(); _ = cmd.Wait() }() // it ends by our own signal
	if err := answering(ctx, "http://"+addr+"/"); err != nil {
		return nil, err
	}
	time.Sleep(restFor)
	kb, err := residentKB(cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	return []Figure{{"idle_memory", float64(kb) / 1000, "MB", "<=80"}}, nil
}

func answering(ctx context.Context, url string) error {
	for range 100 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("%s does not answer", url)
}

// residentKB reads what Linux says of a process.
func residentKB(pid int) (kb int, err error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		if rest, ok := strings.CutPrefix(sc.Text(), "VmRSS:"); ok {
			_, err := fmt.Sscan(rest, &kb)
			return kb, err
		}
	}
	return 0, fmt.Errorf("process %d says nothing of its memory", pid)
}
