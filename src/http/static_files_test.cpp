#include "http/static_files.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <gmock/gmock.h>

#include "http/byte_range.hpp"
#include "http/server_test_support.hpp"

namespace npu::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
namespace fs = std::filesystem;

class StaticFilesTest : public ::testing::Test {
 protected:
  StaticFilesTest()
      : root_(fs::path(::testing::TempDir()) / ("www-" + std::to_string(::getpid()))) {
    write("index.html", "<html>");
    write("app.js", "0123456789");
    write("app.js.gz", "zipped");
    write("sub/index.html", "sub");
    write("sub/notes.txt", "notes");
    write(".secret", "no");
    write("sub/.git/config", "no");
    write("empty.css", "");
    std::ofstream(root_.string() + "-outside") << "outside";
    fs::create_symlink(root_.string() + "-outside", root_ / "absolute.txt");
    fs::create_symlink("../" + root_.filename().string() + "-outside", root_ / "upwards.txt");
    fs::create_symlink("sub/notes.txt", root_ / "inside.txt");
    files_ = *StaticFiles::open(root_.string());
  }
  ~StaticFilesTest() override {
    fs::remove_all(root_);
    fs::remove(root_.string() + "-outside");
  }

  void write(const fs::path& name, std::string_view text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }

  Response get(const std::string& path, Headers headers = {}) const {
    return files_->answer(path, headers);
  }
  static std::string field(const Response& response, std::string_view name) {
    return std::string(response.headers.get(name).value_or("none"));
  }

  fs::path root_;
  std::optional<StaticFiles> files_;
};

TEST_F(StaticFilesTest, Files_come_with_their_type_and_folders_as_their_index) {
  EXPECT_EQ(get("app.js").payload(), "0123456789");
  EXPECT_EQ(field(get("app.js"), "Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(field(get("app.js"), "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(get("").payload(), "<html>");
  EXPECT_EQ(field(get(""), "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(get("sub/").payload(), "sub");
  EXPECT_EQ(get("sub/notes.txt").payload(), "notes");
  EXPECT_EQ(get("inside.txt").payload(), "notes");
  EXPECT_EQ(get("empty.css").payload(), "");
  EXPECT_EQ(get("sub").status, 301);
  EXPECT_EQ(field(get("sub"), "Location"), "./sub/");
}

TEST_F(StaticFilesTest, Nothing_outside_the_folder_and_nothing_hidden_is_served) {
  for (const std::string path :
       {"../www", "sub/../../etc/passwd", "/etc/passwd", "//etc/passwd", "absolute.txt",
        "upwards.txt", ".secret", "sub/.git/config", "sub/../app.js", ".", "..", "none.html",
        "app.js/", "app.js/x", "sub//notes.txt"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_EQ(get(std::string("app.js\0.png", 11)).status, 404);
}

TEST_F(StaticFilesTest, What_the_client_has_is_not_sent_again) {
  const std::string etag = field(get("app.js"), "ETag");
  for (const std::string& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
    const Response response = get("app.js", {{"If-None-Match", known}});
    EXPECT_EQ(response.status, 304) << known;
    EXPECT_EQ(response.payload(), "");
    EXPECT_EQ(field(response, "ETag"), etag);
  }
  EXPECT_EQ(get("app.js", {{"If-None-Match", "\"other\", \"more\""}}).status, 200);
  write("app.js", "changed");
  EXPECT_EQ(get("app.js", {{"If-None-Match", etag}}).status, 200);
}

TEST_F(StaticFilesTest, A_packed_sibling_is_sent_to_those_who_take_it) {
  const Response packed = get("app.js", {{"Accept-Encoding", "deflate, gzip;q=0.5, br"}});
  EXPECT_EQ(packed.payload(), "zipped");
  EXPECT_EQ(field(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(field(packed, "Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(field(packed, "Vary"), "Accept-Encoding");
  EXPECT_NE(field(packed, "ETag"), field(get("app.js"), "ETag"));
  for (const char* accepted : {"gzip;q=0", "gzip; q=0.0", "br", "identity", ""}) {
    EXPECT_EQ(get("app.js", {{"Accept-Encoding", accepted}}).payload(), "0123456789") << accepted;
  }
  write("app.js.br", "brotli");
  EXPECT_EQ(get("app.js", {{"Accept-Encoding", "gzip, br"}}).payload(), "brotli");
}

TEST_F(StaticFilesTest, A_range_is_206_and_one_beyond_the_end_416) {
  const Response part = get("app.js", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.payload(), "234");
  EXPECT_EQ(field(part, "Content-Range"), "bytes 2-4/10");
  const Response beyond = get("app.js", {{"Range", "bytes=10-"}});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(field(beyond, "Content-Range"), "bytes */10");
  const std::string etag = field(get("app.js"), "ETag");
  EXPECT_EQ(get("app.js", {{"Range", "bytes=2-4"}, {"If-Range", etag}}).status, 206);
  EXPECT_EQ(get("app.js", {{"Range", "bytes=2-4"}, {"If-Range", "\"old\""}}).payload(),
            "0123456789");
}

TEST(ByteRange, Asks_for_a_part_or_is_not_understood) {
  const auto range = [](std::string_view field) {
    const auto found = byte_range(field, 10);
    return found ? std::to_string(found->first) + "+" + std::to_string(found->size) : "all";
  };
  EXPECT_EQ(range("bytes=0-0"), "0+1");
  EXPECT_EQ(range("Bytes= 3 - 5 "), "3+3");
  EXPECT_EQ(range("bytes=3-"), "3+7");
  EXPECT_EQ(range("bytes=-3"), "7+3");
  EXPECT_EQ(range("bytes=-30"), "0+10");
  EXPECT_EQ(range("bytes=5-99999999999999999999999"), "5+5");
  EXPECT_EQ(range("bytes=99999999999999999999999-"), "0+0");
  EXPECT_EQ(range("bytes=-0"), "10+0");
  for (const char* whole : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "lines=1-2",
                            "bytes=0-1,4-5", "bytes=+1-2", "bytes=0x1-2"}) {
    EXPECT_EQ(range(whole), "all") << whole;
  }
}

TEST(StaticFiles, A_folder_that_is_not_there_is_named) {
  const auto files = StaticFiles::open("/nonexistent/www");
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(files.error().message, HasSubstr("/nonexistent/www"));
}

// Through a server: what a path means, and what HEAD and 304 send.
class ServedFilesTest : public StaticFilesTest {
 protected:
  ServedFilesTest() {
    Router router;
    files_->add_routes(router, "/ui");
    server_.emplace(io_.get_executor(), std::move(router), ServerOptions{.api_keys = {"key"}});
    EXPECT_TRUE(server_->start());
    thread_ = std::thread([this] { io_.run(); });
  }
  ~ServedFilesTest() override {
    asio::co_spawn(io_, server_->shutdown(Millis(0)), asio::use_future).get();
    thread_.join();
  }

  std::string exchange(const std::string& line, const std::string& fields = "") {
    Client client(server_->port());
    client.send(line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n");
    return client.read_to_end();
  }

  asio::io_context io_;
  std::optional<Server> server_;
  std::thread thread_;
};

TEST_F(ServedFilesTest, Paths_are_decoded_once_and_stay_inside) {
  EXPECT_THAT(exchange("GET /ui/app%2Ejs"), HasSubstr("\r\n\r\n0123456789"));
  EXPECT_THAT(exchange("GET /ui/sub%2Fnotes.txt"), HasSubstr("\r\n\r\nnotes"));
  EXPECT_THAT(exchange("GET /ui/"), HasSubstr("<html>"));
  for (const char* path : {"/ui/../app.js", "/ui/%2e%2e/%2e%2e/etc/passwd",
                           "/ui/..%2f..%2fetc/passwd", "/ui//etc/passwd", "/ui/%252e%252e/x"}) {
    EXPECT_THAT(exchange(std::string("GET ") + path), StartsWith("HTTP/1.1 404")) << path;
  }
}

TEST_F(ServedFilesTest, Head_and_304_have_no_body) {
  const std::string head = exchange("HEAD /ui/app.js");
  EXPECT_THAT(head, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  const std::string etag = field(get("app.js"), "ETag");
  const std::string unchanged = exchange("GET /ui/app.js", "If-None-Match: " + etag + "\r\n");
  EXPECT_THAT(unchanged, StartsWith("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_THAT(unchanged, testing::Not(HasSubstr("Content-Length")));
  EXPECT_TRUE(unchanged.ends_with("\r\n\r\n"));
}

}  // namespace
}  // namespace npu::http
