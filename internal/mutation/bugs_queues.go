package main

var bugsOfQueues = []bug{
	{"a wake-up dies with its getter", "queue.go",
		"if called && q.hasItem() {", "if called && q.count < 0 {", []tests{core}},
	{"a wake-up dies with its putter", "queue.go",
		"if called && q.hasPlace() {", "if called && q.count < 0 {", []tests{core}},
	{"newcomers take an item that is meant for another", "queue.go",
		"return q.count > q.getters.called", "return q.count > 0", []tests{core}},
	{"newcomers take a place that is meant for another", "queue.go",
		"return q.count+q.putters.called < q.limit", "return q.count < q.limit", []tests{core}},
	{"a get wakes no putter", "queue.go",
		"v := q.items.PopFront()\n\tq.putters.call(1)\n", "v := q.items.PopFront()\n", []tests{core}},
	{"a shutdown wakes one getter", "queue_join.go",
		"\tq.getters.callAll()\n", "\tq.getters.call(1)\n", []tests{core}},
	{"a join ends before the last item is done", "queue_join.go",
		"if u.count == 0 {", "if u.count <= 1 {", []tests{core}},
	{"a value dies with its receiver", "channel_wait.go",
		"\tif c.hasValue() {\n\t\tc.callReceiver()\n\t}\n", "", []tests{core}},
	{"a receiver lets no sender in", "channel.go",
		"\tc.admitSender()\n\tswitch {", "\tswitch {", []tests{core}},
	{"a value that was taken is reported as cancelled", "channel_wait.go",
		"\tif woken {\n\t\terr = w.failed //", "\tif woken && err == nil {\n\t\terr = w.failed //", []tests{core}},
}
