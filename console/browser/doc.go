// Package browser has no code: its tests look at the console in a real browser. They
// start programs as users write them, each in a process of its own with its console on,
// open the page in a headless Chromium, use it as people do, and compare what it shows
// with what the runtime itself counts.
//
// They take minutes and run where ASYNCIO_BROWSER_ARTEFACTS is a folder, as .ci/run
// browser sets it, for the pictures that they leave there: each scene at the size of a
// screen and of a telephone, light and dark. Where there is no Chromium they are skipped.
// A test that fails leaves a picture and what the browser and the program have said in
// the test's output.
package browser
