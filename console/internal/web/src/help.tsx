// What the words and the keys mean.

import { useEffect, useRef } from "preact/hooks";

const keys: [string[], string][] = [
  [["+", "−"], "zoom in and out"],
  [["←", "→"], "move in time, or from one bar to the next"],
  [["↑", "↓"], "the task above, the task below"],
  [["Enter"], "tell about the bar"],
  [["Home", "End"], "the beginning, the end"],
  [["0"], "everything at once"],
  [["f"], "follow what happens now"],
  [["Esc"], "close what is open"],
  [["?"], "this help"],
];

const playerKeys: [string[], string][] = [
  [["Space"], "play, pause"],
  [["→", "←"], "a step forward, a step back"],
  [["Home", "End"], "the beginning, the end"],
  [["+", "−"], "faster, slower"],
];

const terms: [string, string][] = [
  ["Event loop", "runs many tasks on one thread, one at a time. A task runs until it has to wait for something; then the loop takes the next."],
  ["Running", "it is this task's turn. Only one runs at any moment."],
  ["Ready", "it could run, and waits for its turn in the queue."],
  ["Waiting", "it waits for something: time, data, a lock, another task. It costs nothing meanwhile."],
  ["Blocked", "it runs for so long that everybody else is held up. This is what makes programs slow to answer."],
  ["Lag", "how much later than planned the loop gets to its timers: the delay that everybody feels."],
];

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      const typing = e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement;
      if (e.key === "?" && !typing) dialog.current?.showModal();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return (
    <>
      <button class="quiet" onClick={() => dialog.current?.showModal()} aria-label="Help" title="What the words and the keys mean (?)"><span aria-hidden="true">?</span></button>
      <dialog ref={dialog} aria-labelledby="help-title">
        <h2 id="help-title" tabIndex={-1} autofocus>What you see</h2>
        <table>{terms.map(([term, meaning]) => <tr><td><strong>{term}</strong></td><td>{meaning}</td></tr>)}</table>
        <h2>Keys in the timeline</h2>
        <table>{keys.map(([names, does]) => <tr><td>{names.map((k) => <><kbd>{k}</kbd> </>)}</td><td>{does}</td></tr>)}</table>
        <h2>Keys of the player: loop, tree, lesson</h2>
        <table>{playerKeys.map(([names, does]) => <tr><td>{names.map((k) => <><kbd>{k}</kbd> </>)}</td><td>{does}</td></tr>)}</table>
        <form method="dialog"><button>Close</button></form>
      </dialog>
    </>
  );
}
