/* What programs have read and written for them: command lines, URIs, base64, credentials, files. */
#include "harness.h"

static void command_lines(void)
{
	const char *argv[] = { "-p", "-d", "7", "--server=example.com", "-s5", "-p" };
	struct lws_context_creation_info info;
	int argc = LWS_ARRAY_SIZE(argv);

	CHECK_STR(lws_cmdline_option(argc, argv, "-d"), "7");
	CHECK_STR(lws_cmdline_option(argc, argv, "--server"), "example.com");
	CHECK_STR(lws_cmdline_option(argc, argv, "-s"), "5");
	CHECK_STR(lws_cmdline_option(argc, argv, "-p"), "");
	CHECK(!lws_cmdline_option(argc, argv, "--port"));
	CHECK(!lws_cmdline_option(1, argv, "-p"));
	CHECK(!lws_cmdline_option(argc, argv, NULL));
	CHECK(!lws_cmdline_option(0, argv, "-d"));
	CHECK(!lws_cmdline_option(-1, argv, "-d"));
	CHECK(!lws_cmdline_option(3, NULL, "-d"));
	memset(&info, 0, sizeof info);
	lws_cmdline_option_handle_builtin(argc, argv, &info);
	CHECK(lwsl_visible(LLL_NOTICE) && !lwsl_visible(LLL_USER) && !lwsl_visible(LLL_INFO));
	lws_cmdline_option_handle_builtin(1, argv, NULL);
	CHECK(lwsl_visible(LLL_USER) && lwsl_visible(LLL_NOTICE) && !lwsl_visible(LLL_INFO));
}

static void uris(void)
{
	char text[] = "https://[2001:db8::1]:8443/a/b?c=d", bare[] = "host", unix_socket[] = "http://+/run/x.sock:/p";
	const char *prot, *ads, *path;
	size_t mark = log_mark();
	int port = 7;

	CHECK_EQ(lws_parse_uri(text, &prot, &ads, &port, &path), 0);
	CHECK_STR(prot, "https");
	CHECK_STR(ads, "2001:db8::1");
	CHECK_EQ(port, 8443);
	CHECK_STR(path, "a/b?c=d");
	port = 7;
	CHECK_EQ(lws_parse_uri(bare, &prot, &ads, &port, &path), 0);
	CHECK_STR(prot, "");
	CHECK_STR(ads, "host");
	CHECK_EQ(port, 7);
	CHECK_STR(path, "/");
	CHECK_EQ(lws_parse_uri(unix_socket, &prot, &ads, &port, &path), 0);
	CHECK_STR(ads, "+/run/x.sock");
	CHECK_STR(path, "p");
	CHECK_EQ(lws_parse_uri(NULL, &prot, &ads, &port, &path), 1);
	CHECK_EQ(lws_parse_uri(bare, &prot, &ads, NULL, &path), 1);
	CHECK_HAS(logged_since(mark), "lws_parse_uri: an argument is NULL");
}

static void base64(void)
{
	char out[32];
	size_t mark = log_mark();

	CHECK_EQ(lws_b64_encode_string("a", 1, out, 6), 4);
	CHECK_STR(out, "YQ==");
	CHECK_EQ(lws_b64_encode_string("a", 1, out, 5), -1);
	CHECK_EQ(lws_b64_encode_string("\xff\xfe\xfd", 3, out, sizeof out), 4);
	CHECK_STR(out, "//79");
	CHECK_EQ(lws_b64_encode_string_url("\xff\xfe\xfd", 3, out, sizeof out), 4);
	CHECK_STR(out, "__79");
	CHECK_EQ(lws_b64_encode_string(NULL, 0, out, sizeof out), 0);
	CHECK_STR(out, "");
	CHECK_EQ(lws_b64_encode_string("a", -1, out, sizeof out), -1);
	CHECK_EQ(lws_b64_encode_string("a", 1, out, -1), -1);
	CHECK_EQ(lws_b64_encode_string("a", 1, NULL, 10), -1);
	CHECK_EQ(lws_http_basic_auth_gen("user", "pass", out, 19), 0);
	CHECK_STR(out, "Basic dXNlcjpwYXNz");
	CHECK_EQ(lws_http_basic_auth_gen("user", "pass", out, 18), 1);
	CHECK_EQ(lws_http_basic_auth_gen("user", "pass", out, 0), 1);
	CHECK_EQ(lws_http_basic_auth_gen("user", NULL, out, sizeof out), 1);
	CHECK_HAS(logged_since(mark), "lws_http_basic_auth_gen: an argument is NULL");
}

/* A descriptor for the program alone, and a file with the mode it was given. */
static void opened(void)
{
	char path[] = "/tmp/broadside-opened.XXXXXX";
	struct stat st;
	int fd, dir;

	CHECK(mkdtemp(path));
	dir = lws_open(path, O_RDONLY | O_DIRECTORY);
	CHECK(dir >= 0 && (fcntl(dir, F_GETFD) & FD_CLOEXEC));
	CHECK(!fchdir(dir) && !close(dir));
	fd = lws_open("made", O_CREAT | O_EXCL | O_WRONLY, 0400);
	CHECK(fd >= 0 && !fstat(fd, &st) && (st.st_mode & 0777) == 0400);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK(!close(fd) && !unlink("made"));
	CHECK_EQ(lws_open("made", O_RDONLY), -1);
	CHECK_EQ(errno, ENOENT);
	CHECK_EQ(lws_open(NULL, O_RDONLY), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK(!chdir("/") && !rmdir(path));
}

int main(void)
{
	struct story *s = story_open(&(struct opts){ .no_peer = 1, .no_context = 1 });

	ONLY_OURS();
	command_lines();
	uris();
	base64();
	opened();
	return story_close(s);
}
