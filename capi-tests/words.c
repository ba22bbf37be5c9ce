/* The words that logs have for callbacks, and which callbacks of different kinds of request say the same. */
#include "tools.h"

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
	{ LWS_CALLBACK_RAW_ADOPT, "RAW_ADOPT" },
	{ LWS_CALLBACK_RAW_FILE_BIND_PROTOCOL, "FILE_BIND" }, { LWS_CALLBACK_RAW_ADOPT_FILE, "FILE_ADOPT" },
	{ LWS_CALLBACK_RAW_RX_FILE, "FILE_RX" }, { LWS_CALLBACK_RAW_WRITEABLE_FILE, "FILE_WRITE" },
	{ LWS_CALLBACK_RAW_FILE_DROP_PROTOCOL, "FILE_DROP" }, { LWS_CALLBACK_RAW_CLOSE_FILE, "FILE_CLOSE" },
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

int kind_of(int reason)
{
	switch (reason) {
	case LWS_CALLBACK_RAW_SKT_BIND_PROTOCOL:
	case LWS_CALLBACK_RAW_FILE_BIND_PROTOCOL:
		return REASON_BIND;
	case LWS_CALLBACK_RAW_CONNECTED:
	case LWS_CALLBACK_RAW_ADOPT:
	case LWS_CALLBACK_RAW_ADOPT_FILE:
		return REASON_EST;
	case LWS_CALLBACK_RAW_RX:
		return REASON_READ;
	case LWS_CALLBACK_RAW_SKT_DROP_PROTOCOL:
	case LWS_CALLBACK_RAW_FILE_DROP_PROTOCOL:
		return REASON_DROP;
	case LWS_CALLBACK_RAW_CLOSE:
	case LWS_CALLBACK_RAW_CLOSE_FILE:
		return REASON_CLOSED;
	default:
		return reason;
	}
}
