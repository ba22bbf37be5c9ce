/* A real server: nginx, which ends a connection after five requests. All complete, in order, on as few connections as that allows. */
#include "harness.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/broadside-nginx-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[4][128];
	static int at;

	at = (at + 1) % 4;
	snprintf(path[at], sizeof path[at], "%s/%s", dir, name);
	return path[at];
}

static int free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(!bind(fd, (struct sockaddr *)&in, sizeof in) && !getsockname(fd, (struct sockaddr *)&in, &len));
	close(fd);
	return ntohs(in.sin_port);
}

static void write_files(struct story *s, int port)
{
	FILE *f = fopen(in_dir("conf"), "w");
	int i;

	CHECK(f);
	fprintf(f, "worker_processes 1; pid %s/pid; error_log %s/error warn;\n"
		   "events { worker_connections 64; }\n"
		   "http { log_format short '$connection $connection_requests $request_uri'; access_log %s/access short;\n"
		   "client_body_temp_path %s/t1; proxy_temp_path %s/t2; fastcgi_temp_path %s/t3; uwsgi_temp_path %s/t4; scgi_temp_path %s/t5;\n"
		   "keepalive_requests 5; gzip off;\n"
		   "server { listen 127.0.0.1:%d %s; root %s; ssl_certificate %s/good.pem; ssl_certificate_key %s/good.key; } }\n",
		dir, dir, dir, dir, dir, dir, dir, dir, port, s->opts.tls ? "ssl" : "", dir, s->peer.dir, s->peer.dir);
	fclose(f);
	f = fopen(in_dir("file"), "w");
	CHECK(f);
	for (i = 0; i < 20000; i++)
		fputc('a' + i % 26, f);
	fclose(f);
	chmod(dir, 0755);
	chmod(in_dir("file"), 0644);
}

/* The command ends when nginx listens, or cannot. */
static int start(void)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 2);
		execlp("nginx", "nginx", "-p", dir, "-c", in_dir("conf"), (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		rmdir(dir);
		fprintf(stderr, "nginx is not installed\n");
		_exit(77);
	}
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void stop(void)
{
	FILE *f = fopen(in_dir("pid"), "r");
	int pid = 0;

	if (!f || fscanf(f, "%d", &pid) != 1 || pid < 2)
		return;
	fclose(f);
	kill(pid, SIGQUIT);
	waitpid(pid, NULL, 0);		/* its master is ours: see the subreaper */
}

static int connections(int *requests)
{
	char line[256];
	long last = -1, conn;
	int n = 0;
	FILE *f = fopen(in_dir("access"), "r");

	CHECK(f);
	for (*requests = 0; fgets(line, sizeof line, f); ++*requests) {
		conn = atol(line);
		n += conn != last;
		last = conn;
	}
	fclose(f);
	return n;
}

int main(int argc, char **argv)
{
	static const char *const files[] = { "conf", "file", "pid", "error", "access" };
	static const char *const dirs[] = { "t1", "t2", "t3", "t4", "t5" };
	struct req *r[23];
	struct story *s;
	int i, port = 0, tries, requests;

	ONLY_OURS();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	s = story_open(&(struct opts){ .tls = IS(1, "tls") });
	CHECK(mkdtemp(dir));
	for (tries = 0; tries < 10; tries++) {
		port = free_port();
		write_files(s, port);
		if (start())
			break;
	}
	CHECK(tries < 10);
	on_failure = stop;
	for (i = 0; i < 23; i++)
		r[i] = ASK(s, .path = i % 7 == 3 ? "/none" : "/file", .port = port, .method = i % 5 == 2 ? "HEAD" : "GET");
	RUN_ALL(s);
	story_destroy(s);
	s->cx = NULL;
	stop();
	on_failure = NULL;
	for (i = 0; i < 23; i++) {
		CHECK_EQ(r[i]->n[REASON_COMPLETED], 1);
		CHECK_EQ(r[i]->status, i % 7 == 3 ? 404 : 200);
		if (r[i]->status == 200)
			CHECK_EQ(r[i]->total, i % 5 == 2 ? 0 : 20000);
		CHECK_EQ(r[i]->n[REASON_CONNECTING], i % 5 == 0);
	}
	CHECK_EQ(connections(&requests), 5);
	CHECK_EQ(requests, 23);
	for (i = 0; i < 5; i++) {
		unlink(in_dir(files[i]));
		rmdir(in_dir(dirs[i]));
	}
	rmdir(dir);
	return story_close(s);
}
