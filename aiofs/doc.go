// Package aiofs is files for the tasks of a loop: what a database needs of a file
// system, with calls that wait on the loop while the other tasks run.
//
//	fsys := aiofs.FromContext(ctx)
//	f, err := fsys.OpenFile(ctx, "log", os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
//	...
//	defer f.Close(ctx)
//	if _, err := f.Write(ctx, record); err != nil {
//		return err
//	}
//	if err := f.Sync(ctx); err != nil { // now the record outlives a crash,
//		return err
//	}
//	err = fsys.SyncDir(ctx, ".") // and so does the file
//
// A program takes its [FS] from the context or from its caller: in production that is
// [OS], in a simulated world the host's disk, which loses at a crash what was not
// synced. [Dir] confines a part of the program to a folder.
//
// # Waits and cancellations
//
// No poller tells when a disk is ready, so [OS] makes each call on a thread
// ([asyncio.ToThread]), which costs some microseconds: read and write in pieces that are
// worth it. Many threads are at work at a time, see
// [asyncio.MaxThreads].
//
// A call looks at its context once, before it begins. If ctx has ended by then,
// nothing happens and its error is returned; otherwise the call is carried to its end,
// and its result is returned even if ctx has ended meanwhile (rule C3). A call is not
// given up in the middle, since a thread cannot be stopped, and a write that may or
// may not happen, at any time later, into a file that somebody else has opened since,
// is worse than one that lasts. So the memory given to a call is free again when the
// call returns; only the thread of a task that was ended by force may still be at it.
// The price: on a disk that hangs, or in a named pipe, a call hangs
// whatever ctx says. Who must go on without its result makes it in a task and waits
// for that with a timeout: Await bounds a wait and leaves the task alone (rule C5).
//
// [File.Close] does not look at its context at all: the file is closed, also in the
// deferred functions of a task that was cancelled or is ended by force.
//
// # Errors
//
// They are the platform's, in an *[io/fs.PathError] or *[os.LinkError]: ask with
// errors.Is for [io/fs.ErrNotExist], [io/fs.ErrExist], [io/fs.ErrClosed],
// [syscall.ENOSPC], [syscall.EIO]. The name in them is the one that the file system
// below was given.
//
// # What is on the disk
//
// A write is in the memory of the system until [File.Sync] has returned, a new name, a
// rename or a removal until [FS.SyncDir] of its folder has. A crash of the system
// before that may keep it, lose it or keep a part, in any order: it is legal that a
// rename is kept whose file's content is lost. [WriteFileAtomic] does it right for
// small files. A Sync that has failed may have lost what it was to write: another Sync
// will not bring it, so write it again elsewhere, or stop.
package aiofs
