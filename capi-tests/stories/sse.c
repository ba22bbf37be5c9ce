/*
 * Server-sent events: a response that never ends by itself, in pieces that have nothing to do with its events. It outlives the time that
 * other requests have for theirs, told from one that is never answered; comments keep it company. Two read at once.
 */
#include "servers.h"

enum { READERS = 2 };

struct reader {
	char line[200], data[200], event[40], id[20], seen[1000];
	size_t len;
	int comments, cr;
};

static void one_line(struct reader *rd)
{
	char *value = strchr(rd->line, ':');

	if (!rd->len) {			/* an event is over, if there was one */
		if (rd->data[0] || rd->event[0])
			snprintf(rd->seen + strlen(rd->seen), sizeof rd->seen - strlen(rd->seen), "[%s %s %s]",
				 rd->event[0] ? rd->event : "message", rd->id, rd->data);
		rd->data[0] = rd->event[0] = '\0';
		return;
	}
	if (value == rd->line) {
		rd->comments++;
		return;
	}
	if (value) {
		*value++ = '\0';
		value += *value == ' ';
	} else
		value = rd->line + rd->len;
	if (!strcmp(rd->line, "event"))
		snprintf(rd->event, sizeof rd->event, "%s", value);
	else if (!strcmp(rd->line, "id"))
		snprintf(rd->id, sizeof rd->id, "%s", value);
	else if (!strcmp(rd->line, "data"))
		snprintf(rd->data + strlen(rd->data), sizeof rd->data - strlen(rd->data), "%s%s", rd->data[0] ? "/" : "", value);
}

static int read_events(struct req *r, enum lws_callback_reasons reason, void *in, size_t len)
{
	struct reader *rd = r->mine;
	const char *p = in;

	if (reason == REASON_APPEND)
		CHECK_EQ(lws_http_mark_sse(r->wsi), 0);
	if (reason == REASON_EST) {
		char type[40];

		CHECK(lws_hdr_copy(r->wsi, type, sizeof type, WSI_TOKEN_HTTP_CONTENT_TYPE) > 0);
		CHECK_STR(type, "text/event-stream");
	}
	for (; reason == REASON_READ && len; len--, p++) {
		if (*p == '\r')
			continue;
		if (*p != '\n') {
			CHECK(rd->len + 1 < sizeof rd->line);
			rd->line[rd->len++] = *p;
			continue;
		}
		rd->line[rd->len] = '\0';
		one_line(rd);
		rd->len = 0;
	}
	return 0;
}

static void time_passes(struct story *s)
{
	struct req *mute = ASK(s, .path = "/mute", .address = "127.0.0.1", .port = s->peer.port, .solo = 1);

	RUN_UNTIL(s, mute->done);
	CHECK_HAS(mute->error, "Timed out waiting server reply");
}

int main(int argc, char **argv)
{
	struct reader rds[READERS];
	struct req *r[READERS];
	struct story *s;
	struct server v;
	size_t i, n, left, total = 0;
	int h1 = IS(1, "h1");

	ONLY_OURS();
	memset(rds, 0, sizeof rds);
	s = story_open(&(struct opts){ .tls = IS(2, "tls"), .timeout_secs = 1 });
	server_start(&v, s, &(struct server_opts){ .kind = "node", .h1 = h1 });
	if (h1)
		v.alpn = NULL, v.flags = 0;
	for (i = 0; i < READERS; i++) {
		r[i] = ASK(s, AT(&v), .path = "/sse", .hook = read_events, .mine = &rds[i], .solo = h1);
		RUN_UNTIL(s, r[i]->n[REASON_EST]);
	}
	time_passes(s);
	do {
		CHECK_EQ(sscanf(server_say(&v, "more"), "%zu %zu", &n, &left), 2);
		total += n;
		for (i = 0; i < READERS; i++)
			RUN_UNTIL(s, r[i]->total == total);
		if (left == 5) {	/* in the middle of an event */
			time_passes(s);
			time_passes(s);
		}
	} while (left);
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	server_stop(&v);
	for (i = 0; i < READERS; i++) {
		CHECK_EQ(r[i]->n[REASON_COMPLETED], 1);
		CHECK_STR(rds[i].seen, "[hello 1 one][message 1 two halves/and a line][message 3 CR and LF][message 3 at once][end 3 ]");
		CHECK_EQ(rds[i].comments, 3);
	}
	CHECK_EQ(server_counts(&v).connections, h1 ? READERS : 1);
	server_forget(&v);
	return story_close(s);
}
