/*
 * What helpers over text need before the generated part of <libwebsockets.h>: names of types, function types, enums and flags. By hand;
 * lws-macros.h includes it.
 */
#ifndef LWS_TEXT_H
#define LWS_TEXT_H

#ifdef __cplusplus
extern "C" {
#endif

struct lws_tokenize;
struct lws_strexp;
struct lws_humanize_unit;
struct lws_xos;
struct lws_parse_uri;

typedef struct lws_tokenize lws_tokenize_t;
typedef struct lws_strexp lws_strexp_t;
typedef struct lws_humanize_unit lws_humanize_unit_t;
typedef struct lws_xos lws_xos_t;
typedef struct lws_parse_uri lws_parse_uri_t;

/* LWS_TOKENIZE_F_: flags of lws_tokenize_init(). What is not a terminal is part of a token: */

/* - */
#define LWS_TOKENIZE_F_MINUS_NONTERM (1 << 0)
/* report `token :` as one element */
#define LWS_TOKENIZE_F_AGG_COLON (1 << 1)
/* insist on one comma between two elements */
#define LWS_TOKENIZE_F_COMMA_SEP_LIST (1 << 2)
/* only (),/:;<=>?@[\]{} - . are delimiters: RFC 9110 section 5.6.2, with two more that have flags of their own */
#define LWS_TOKENIZE_F_RFC7230_DELIMS (1 << 3)
/* . */
#define LWS_TOKENIZE_F_DOT_NONTERM (1 << 4)
/* 1.2 is no float */
#define LWS_TOKENIZE_F_NO_FLOATS (1 << 5)
/* 12 is a token like others */
#define LWS_TOKENIZE_F_NO_INTEGERS (1 << 6)
/* # begins a comment, up to the end of the line */
#define LWS_TOKENIZE_F_HASH_COMMENT (1 << 7)
/* / */
#define LWS_TOKENIZE_F_SLASH_NONTERM (1 << 8)
/* * */
#define LWS_TOKENIZE_F_ASTERISK_NONTERM (1 << 9)
/* = */
#define LWS_TOKENIZE_F_EQUALS_NONTERM (1 << 10)
/* : */
#define LWS_TOKENIZE_F_COLON_NONTERM (1 << 11)

typedef enum {
	/* how many errors there are */
	LWS_TOKZE_ERRS = 5,

	/* not UTF-8, or it ends inside of a character */
	LWS_TOKZE_ERR_BROKEN_UTF8 = -5,
	/* a quoted string has no end */
	LWS_TOKZE_ERR_UNTERM_STRING = -4,
	/* two dots: 1.2.3 */
	LWS_TOKZE_ERR_MALFORMED_FLOAT = -3,
	/* 12 = */
	LWS_TOKZE_ERR_NUM_ON_LHS = -2,
	/* a comma is missing, or there is one too many */
	LWS_TOKZE_ERR_COMMA_LIST = -1,

	LWS_TOKZE_ENDED = 0,

	LWS_TOKZE_DELIMITER = 1,
	LWS_TOKZE_TOKEN = 2,
	LWS_TOKZE_INTEGER = 3,
	LWS_TOKZE_FLOAT = 4,
	/* the token before a =, which is consumed */
	LWS_TOKZE_TOKEN_NAME_EQUALS = 5,
	/* the token before a :, which is consumed: with LWS_TOKENIZE_F_AGG_COLON */
	LWS_TOKZE_TOKEN_NAME_COLON = 6,
	/* what is between the quotes */
	LWS_TOKZE_QUOTED_STRING = 7
} lws_tokenize_elem;

/* lws_tokenize.delim: what a comma-separated list needs next */
enum lws_tokenize_delimiter_tracking {
	LWSTZ_DT_NEED_FIRST_CONTENT = 0,
	LWSTZ_DT_NEED_DELIM = 1,
	LWSTZ_DT_NEED_NEXT_CONTENT = 2
};

/* What lws_strexp_expand() and lws_strexp_expand_cb answer */
enum {
	LSTRX_DONE = 0,
	/* `out` is full */
	LSTRX_FILLED_OUT = 1,
	LSTRX_FATAL_NAME_TOO_LONG = -1,
	LSTRX_FATAL_NAME_UNKNOWN = -2
};

/*
 * Writes what `name` stands for to `out`, from `*pos` on, which it moves; `olen` is the size of `out`, which is NULL when only the length
 * is wanted. If not all of it fits: as much as does, LSTRX_FILLED_OUT, and in `*exp_ofs`, 0 at first, how much that was; it is called
 * again then. Else LSTRX_DONE or LSTRX_FATAL_NAME_UNKNOWN.
 */
typedef int (*lws_strexp_expand_cb)(void *priv, const char *name, char *out, size_t *pos, size_t olen, size_t *exp_ofs);

/*
 * Singly linked lists by a member of their elements, which points at the next element's: lws_list_ptr_insert()
 */
typedef void *lws_list_ptr;
/* below 0 when `a` comes before `b` */
typedef int (*lws_list_ptr_sort_func_t)(lws_list_ptr a, lws_list_ptr b);
/* the struct of type T whose list pointer M is at P */
#define lws_list_ptr_container(P, T, M) ((T *)((char *)(P) - offsetof(T, M)))
#define lws_list_ptr_advance(_lp) ((_lp) = *((void **)(_lp)))

#ifdef __cplusplus
}
#endif

#endif /* LWS_TEXT_H */
