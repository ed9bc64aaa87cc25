// Streams are few: a browser opens six connections to a server that speaks HTTP/1.1, for
// all its tabs together. A tab that took the last of them would leave none for questions,
// and the program would seem to be gone. So tabs share some seats.

const seats = 4;

/** takeSeat returns what gives the seat back, or null where other tabs have all of them. */
export async function takeSeat(locks: LockManager | undefined = globalThis.navigator?.locks): Promise<(() => void) | null> {
  if (!locks) return () => {}; // a browser that has no locks, or an address that it does not trust
  for (let i = 0; i < seats; i++) {
    const leave = await tryLock(locks, `asyncio-stream-${i}`);
    if (leave) return leave;
  }
  return null;
}

function tryLock(locks: LockManager, name: string): Promise<(() => void) | null> {
  return new Promise((done, fail) => {
    const held = locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) return done(null);
      return new Promise<void>((leave) => done(leave));
    });
    held.catch(fail);
  });
}
