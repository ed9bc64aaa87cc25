package aiofs_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
)

// inTemporaryFolder runs main with a folder of its own as the file system.
func inTemporaryFolder(main func(ctx context.Context) error) {
	folder, err := os.MkdirTemp("", "aiofs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	ctx := aiofs.NewContext(context.Background(), aiofs.Dir(aiofs.OS, folder))
	if err := asyncio.Run(ctx, main); err != nil {
		log.Print(err)
	}
}

// A log whose records outlive a crash: the file is synced after the record, and the
// folder after the file has been made.
func Example() {
	inTemporaryFolder(func(ctx context.Context) error {
		fsys := aiofs.FromContext(ctx)
		f, err := fsys.OpenFile(ctx, "log", os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return err
		}
		defer f.Close(ctx)
		if err := fsys.SyncDir(ctx, "."); err != nil {
			return err
		}
		for i := range 3 {
			if _, err := f.Write(ctx, fmt.Appendln(nil, "record", i)); err != nil {
				return err
			}
		}
		if err := f.Sync(ctx); err != nil {
			return err
		}
		text, err := aiofs.ReadFile(ctx, fsys, "log")
		fmt.Printf("%s", text)
		return err
	})
	// Output:
	// record 0
	// record 1
	// record 2
}

func ExampleWriteFileAtomic() {
	inTemporaryFolder(func(ctx context.Context) error {
		fsys := aiofs.FromContext(ctx)
		if err := aiofs.WriteFile(ctx, fsys, "settings", []byte("colour: blue"), 0o644); err != nil {
			return err
		}
		if err := aiofs.WriteFileAtomic(ctx, fsys, "settings", []byte("colour: green"), 0o644); err != nil {
			return err
		}
		entries, err := fsys.ReadDir(ctx, ".")
		if err != nil {
			return err
		}
		for _, e := range entries {
			text, err := aiofs.ReadFile(ctx, fsys, e.Name())
			if err != nil {
				return err
			}
			fmt.Printf("%s: %s\n", e.Name(), text)
		}
		return nil
	})
	// Output: settings: colour: green
}

func ExampleDir() {
	inTemporaryFolder(func(ctx context.Context) error {
		data := aiofs.Dir(aiofs.FromContext(ctx), "data")
		if err := data.MkdirAll(ctx, ".", 0o755); err != nil {
			return err
		}
		_, err := data.Stat(ctx, "../secret")
		fmt.Println(err)
		return nil
	})
	// Output: stat ../secret: invalid argument
}

// A library that reads from an io.Reader gets the file with the context of the task.
func ExampleBind() {
	inTemporaryFolder(func(ctx context.Context) error {
		f, err := aiofs.Create(ctx, aiofs.FromContext(ctx), "greeting")
		if err != nil {
			return err
		}
		defer f.Close(ctx)
		file := aiofs.Bind(ctx, f)
		fmt.Fprint(file, "hello, world")
		word := ""
		if _, err := fmt.Fscan(io.NewSectionReader(file, 7, 5), &word); err != nil {
			return err
		}
		fmt.Println(word)
		return nil
	})
	// Output: world
}

func ExampleOpen() {
	inTemporaryFolder(func(ctx context.Context) error {
		_, err := aiofs.Open(ctx, aiofs.FromContext(ctx), "nowhere")
		fmt.Println(os.IsNotExist(err))
		return nil
	})
	// Output: true
}

// The program does not know which files it gets.
func ExampleNewContext() {
	inTemporaryFolder(func(ctx context.Context) error {
		program := func(ctx context.Context) error {
			return aiofs.WriteFile(ctx, aiofs.FromContext(ctx), "out", []byte("done"), 0o644)
		}
		folder := aiofs.Dir(aiofs.FromContext(ctx), "program")
		if err := folder.Mkdir(ctx, ".", 0o755); err != nil {
			return err
		}
		if err := program(aiofs.NewContext(ctx, folder)); err != nil {
			return err
		}
		text, err := aiofs.ReadFile(ctx, aiofs.FromContext(ctx), "program/out")
		fmt.Printf("%s\n", text)
		return err
	})
	// Output: done
}
