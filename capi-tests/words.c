/* What callbacks are called in logs, and what each is for a request of whatever kind. */
#include "harness.h"

static const struct { int reason; const char *word; } words[] = {
	{ REASON_BIND, "BIND" }, { REASON_CREATE, "CREATE" }, { REASON_NEW, "NEW" },
	{ REASON_CONNECTING, "CONNECTING" }, { REASON_APPEND, "APPEND" }, { REASON_FILTER, "FILTER" },
	{ REASON_EST, "EST" }, { REASON_RECEIVE, "RECEIVE" }, { REASON_READ, "READ" }, { REASON_WRITE, "WRITE" },
	{ REASON_COMPLETED, "COMPLETED" }, { REASON_ERROR, "ERROR" }, { REASON_DROP, "DROP" },
	{ REASON_CLOSED, "CLOSED" }, { REASON_DESTROY, "DESTROY" }, { REASON_VERIFY, "VERIFY" },
	{ LWS_CALLBACK_CLIENT_HTTP_REDIRECT, "REDIRECT" }, { LWS_CALLBACK_TIMER, "TIMER" },
	{ LWS_CALLBACK_WSI_TX_CREDIT_GET, "CREDIT" },
	{ LWS_CALLBACK_RAW_SKT_BIND_PROTOCOL, "RAW_BIND" }, { LWS_CALLBACK_RAW_CONNECTED, "RAW_CONNECTED" },
	{ LWS_CALLBACK_RAW_RX, "RX" }, { LWS_CALLBACK_RAW_WRITEABLE, "RAW_WRITE" },
	{ LWS_CALLBACK_RAW_SKT_DROP_PROTOCOL, "RAW_DROP" }, { LWS_CALLBACK_RAW_CLOSE, "RAW_CLOSE" },
	{ LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED, "CONFIRM" },
	{ LWS_CALLBACK_CLIENT_ESTABLISHED, "OPENED" }, { LWS_CALLBACK_CLIENT_RECEIVE, "MESSAGE" },
	{ LWS_CALLBACK_CLIENT_RECEIVE_PONG, "PONG" }, { LWS_CALLBACK_CLIENT_WRITEABLE, "WS_WRITE" },
	{ LWS_CALLBACK_WS_PEER_INITIATED_CLOSE, "PEER_CLOSE" }, { LWS_CALLBACK_WS_CLIENT_DROP_PROTOCOL, "WS_DROP" },
	{ LWS_CALLBACK_CLIENT_CLOSED, "WS_CLOSED" },
};

int reason_of(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i].word, word))
			return words[i].reason;
	return -1;
}

const char *word_of(int reason)
{
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].reason == reason)
			return words[i].word;
	return NULL;
}

int http_kind(int reason)
{
	switch (reason) {
	case LWS_CALLBACK_RAW_SKT_BIND_PROTOCOL:
		return REASON_BIND;
	case LWS_CALLBACK_RAW_CONNECTED:
		return REASON_EST;
	case LWS_CALLBACK_RAW_RX:
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return REASON_READ;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return REASON_WRITE;
	case LWS_CALLBACK_RAW_SKT_DROP_PROTOCOL:
	case LWS_CALLBACK_WS_CLIENT_DROP_PROTOCOL:
		return REASON_DROP;
	case LWS_CALLBACK_RAW_CLOSE:
	case LWS_CALLBACK_CLIENT_CLOSED:
		return REASON_CLOSED;
	default:
		return reason;
	}
}
