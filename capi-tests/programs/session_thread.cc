// A session as a C++ class: a thread of its own serves the context, any thread may send; what is sent goes through a queue under a
// mutex, and lws_cancel_service() tells the thread that something is there.
#include "program.h"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

class Session {
public:
	explicit Session(const target &where);
	~Session();
	Session(const Session &) = delete;
	Session &operator=(const Session &) = delete;

	// Any thread.
	void send(std::string message);
	void close();
	// Waits for the next message; false when the session has ended.
	bool receive(std::string *message);

private:
	void serve(std::promise<bool> started);
	bool open();
	void take_orders();
	int write_one();
	int receive_piece(const char *in, size_t len);
	int on_event(struct lws *wsi, lws_callback_reasons reason, void *in, size_t len);
	static int callback(struct lws *wsi, lws_callback_reasons reason, void *user, void *in, size_t len);

	static const lws_protocols protocols[];
	const target where;
	lws_context *context = nullptr;
	struct lws *wsi = nullptr;

	std::mutex mutex;		// for what follows
	std::condition_variable arrived;
	std::deque<std::string> orders, inbox;
	bool close_asked = false, over = false;

	// The thread's own.
	std::deque<std::string> outbox;
	std::string gathered;
	bool established = false, closing = false, ended = false;
	std::thread thread;		// last: it uses all of the above
};

const lws_protocols Session::protocols[] = {
	{ "session", &Session::callback, 0, 1024, 0, nullptr, 0 },
	{ nullptr, nullptr, 0, 0, 0, nullptr, 0 },
};

Session::Session(const target &t) : where(t)
{
	std::promise<bool> started;
	std::future<bool> ok = started.get_future();

	thread = std::thread(&Session::serve, this, std::move(started));
	if (!ok.get()) {
		thread.join();
		throw std::runtime_error("no session");
	}
}

Session::~Session()
{
	close();
	thread.join();
}

void Session::send(std::string message)
{
	std::lock_guard<std::mutex> lock(mutex);

	if (over)
		return;
	orders.push_back(std::move(message));
	lws_cancel_service(context);	// under the lock: the context lives while `over` is not set
}

void Session::close()
{
	std::lock_guard<std::mutex> lock(mutex);

	close_asked = true;
	if (!over)
		lws_cancel_service(context);
}

bool Session::receive(std::string *message)
{
	std::unique_lock<std::mutex> lock(mutex);

	arrived.wait(lock, [this] { return over || !inbox.empty(); });
	if (inbox.empty())
		return false;
	*message = std::move(inbox.front());
	inbox.pop_front();
	return true;
}

bool Session::open()
{
	lws_context_creation_info info;
	lws_client_connect_info i;

	fill_context(&info, &where, protocols);
	info.user = this;
	context = lws_create_context(&info);
	if (!context)
		return false;
	fill_connect(&i, &where, context, "/session", "session");
	i.pwsi = &wsi;
	return lws_client_connect_via_info(&i) != nullptr;
}

void Session::serve(std::promise<bool> started)
{
	bool ok = open();

	started.set_value(ok);
	while (ok && !ended && lws_service(context, 0) >= 0)
		;
	{
		std::lock_guard<std::mutex> lock(mutex);
		over = true;
	}
	arrived.notify_all();
	if (context)
		lws_context_destroy(context);
}

void Session::take_orders()
{
	std::lock_guard<std::mutex> lock(mutex);

	for (std::string &message : orders)
		outbox.push_back(std::move(message));
	orders.clear();
	closing = close_asked;
	if (wsi && established && (closing || !outbox.empty()))
		lws_callback_on_writable(wsi);
}

int Session::write_one()
{
	if (outbox.empty()) {
		if (!closing)
			return 0;
		unsigned char reason[] = "session over";
		lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, reason, sizeof reason - 1);
		return -1;
	}
	const std::string message = std::move(outbox.front());
	std::vector<unsigned char> buffer(LWS_PRE + message.size());

	outbox.pop_front();
	memcpy(buffer.data() + LWS_PRE, message.data(), message.size());
	if (lws_write(wsi, buffer.data() + LWS_PRE, message.size(), LWS_WRITE_TEXT) < static_cast<int>(message.size()))
		return -1;
	if (closing || !outbox.empty())
		lws_callback_on_writable(wsi);
	return 0;
}

int Session::receive_piece(const char *in, size_t len)
{
	gathered.append(in, len);
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
		return 0;
	{
		std::lock_guard<std::mutex> lock(mutex);
		inbox.push_back(std::move(gathered));
	}
	gathered.clear();
	arrived.notify_one();
	return 0;
}

int Session::on_event(struct lws *, lws_callback_reasons reason, void *in, size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		take_orders();
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		say("established");
		established = true;
		take_orders();
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_one();
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive_piece(static_cast<const char *>(in), len);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		say("connection error: %s", in ? static_cast<const char *>(in) : "no reason");
		wsi = nullptr;
		ended = true;
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:
		say("closed");
		wsi = nullptr;
		ended = true;
		break;
	default:
		break;
	}
	return 0;
}

int Session::callback(struct lws *wsi, lws_callback_reasons reason, void *, void *in, size_t len)
{
	Session *self = static_cast<Session *>(lws_context_user(lws_get_context(wsi)));

	return self ? self->on_event(wsi, reason, in, len) : 0;
}

// What one of the sending threads sends: mostly short, now and then more than a socket takes at once.
std::string message_of(unsigned producer, unsigned n)
{
	const size_t len = n % 50 == 49 ? 400000 : 10 + n * 37 % 3000;
	std::string text = std::to_string(producer) + ":" + std::to_string(n) + ":";

	while (text.size() < len)
		text += static_cast<char>('a' + (text.size() * 7 + n) % 26);
	return text;
}

constexpr unsigned producers = 3, each = 100;

// Takes all that comes back and checks that each thread's messages are in order and whole.
void collect(Session *session)
{
	std::vector<unsigned> next(producers, 0), bad(producers, 0);
	std::vector<uint32_t> sum(producers, FNV_START);
	std::string message;

	for (unsigned got = 0; got < producers * each && session->receive(&message); got++) {
		const unsigned producer = static_cast<unsigned>(message[0] - '0') % producers;

		if (message != message_of(producer, next[producer]++))
			bad[producer]++;
		sum[producer] = fnv1a(message.data(), message.size(), sum[producer]);
	}
	for (unsigned p = 0; p < producers; p++)
		say("thread %u: %u messages came back, %u out of order or damaged, %08x", p, next[p], bad[p], sum[p]);
}

void produce(Session *session, unsigned producer)
{
	for (unsigned n = 0; n < each; n++)
		session->send(message_of(producer, n));
}

} // namespace

int main(int argc, char **argv)
{
	const target where = begin(argc, argv);

	for (int round = 0; round < 2; round++) {
		Session session(where);
		std::vector<std::thread> threads;

		for (unsigned p = 0; p < producers; p++)
			threads.emplace_back(produce, &session, p);
		collect(&session);
		for (std::thread &t : threads)
			t.join();
	}
	say("end");
}
