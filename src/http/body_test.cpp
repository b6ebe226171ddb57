#include "http/body.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "http/body_spool.hpp"
#include "http/file_closer.hpp"
#include "http/server_test_support.hpp"

namespace npu::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::size_t kMiB = 1 << 20;

// Files of this process are no longer than this while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

std::string noise(std::size_t size) {
  std::string out(size, ' ');
  unsigned state = 1;
  for (char& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

class Spooled : public ServerTest {
 protected:
  void start_with(BodySpoolOptions how, std::size_t memory = 32 * kMiB) {
    folder_ = ::testing::TempDir() + "spool-" + std::to_string(::getpid());
    std::filesystem::create_directory(folder_);
    if (how.folder.empty()) how.folder = folder_;
    spool_.emplace(how);
    start({.max_body_memory = memory, .spool = &*spool_});
  }

  std::string post(std::string_view path, std::string_view body) {
    Client client(server_->port());
    client.send("POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
    return client.read_response();
  }

  void TearDown() override {
    stop();
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
    std::filesystem::remove_all(folder_);
  }

  std::string folder_;
  std::optional<BodySpool> spool_;
};

TEST_F(Spooled, A_large_body_comes_to_its_handler_as_it_was_sent) {
  start_with({.over = 100'000});
  const std::string body = noise(3 * kMiB + 17);
  EXPECT_TRUE(post("/sum", body).ends_with(sum_of(body) + " file"));
  Client client(server_->port());
  client.send("POST /sum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::string_view rest = body; !rest.empty();
       rest.remove_prefix(std::min<std::size_t>(rest.size(), 70'001))) {
    const auto piece = rest.substr(0, 70'001);
    char size[16];
    std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
    client.send(size + std::string(piece) + "\r\n");
  }
  client.send("0\r\n\r\n");
  EXPECT_TRUE(client.read_response().ends_with(sum_of(body) + " file"));
}

TEST_F(Spooled, A_small_body_stays_in_memory_as_long_as_there_is_some) {
  start_with({.over = 100'000});
  const std::string body = noise(90'000);
  EXPECT_TRUE(post("/sum", body).ends_with(sum_of(body) + " memory"));
}

TEST_F(Spooled, Where_memory_is_short_smaller_ones_go_to_disk) {
  start_with({.over = 100'000}, 10'000);
  const std::string body = noise(90'000);
  EXPECT_TRUE(post("/sum", body).ends_with(sum_of(body) + " file"));
}

TEST_F(Spooled, A_full_disk_is_507_and_says_so_and_the_connection_before_it_is_unharmed) {
  start_with({.over = 100'000});
  const FileSizeLimit limit(kMiB);
  const std::string answer = post("/sum", noise(3 * kMiB));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 507 Insufficient Storage\r\n"));
  EXPECT_THAT(answer, HasSubstr("no disk space left"));
  const std::string small = noise(90'000);
  EXPECT_TRUE(post("/sum", small).ends_with(sum_of(small) + " memory"));
}

TEST_F(Spooled, A_folder_that_is_not_there_is_503_without_its_name) {
  start_with({.folder = "/nonexistent/spool", .over = 100'000});
  const std::string answer = post("/sum", noise(kMiB));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(answer, HasSubstr("cannot be stored"));
  EXPECT_THAT(answer, Not(HasSubstr("nonexistent")));
}

TEST(FileCloser, Files_are_closed_on_its_own_thread_and_all_of_them_before_it_ends) {
  std::vector<std::thread::id> closed_on;
  {
    FileCloser closer([&](const UniqueFd& file) {
      EXPECT_TRUE(file);
      closed_on.push_back(std::this_thread::get_id());
    });
    for (int i = 0; i < 3; ++i) closer.close(UniqueFd(::dup(STDIN_FILENO)));
    closer.close(UniqueFd());
  }
  ASSERT_EQ(closed_on.size(), 3U);
  for (const auto thread : closed_on) EXPECT_NE(thread, std::this_thread::get_id());
}

TEST(Body, A_file_goes_to_its_closer_when_the_body_ends_and_not_before) {
  std::atomic<int> closed = 0;
  auto closer = std::make_shared<FileCloser>([&](const UniqueFd&) { ++closed; });
  const BodySpool spool({.folder = ::testing::TempDir()});
  auto file = spool.create();
  ASSERT_TRUE(file && spool.write(file->get(), "bytes"));
  {
    auto body = Body::map(std::move(*file), 5, closer);
    const Body other = std::move(*body);
    *body = Body();
    EXPECT_EQ(other.view(), "bytes");
  }
  closer.reset();
  EXPECT_EQ(closed, 1);
}

TEST(Body, What_is_moved_is_the_same_bytes) {
  const BodySpool spool({.folder = ::testing::TempDir()});
  BodyFile file;
  ASSERT_TRUE(file.append(spool, "mapped "));
  ASSERT_TRUE(file.append(spool, "bytes"));
  auto body = file.finish();
  ASSERT_TRUE(body) << body.error().message;
  Body other("text");
  other = std::move(*body);
  EXPECT_EQ(other.view(), "mapped bytes");
  std::array<char, 12> read{};
  EXPECT_EQ(::pread(other.file(), read.data(), read.size(), 0), 12);
  other = std::string("in memory");
  EXPECT_EQ(other.view(), "in memory");
  EXPECT_EQ(other.file(), -1);
}

TEST(Body, Is_written_over_within_its_size_and_its_views_show_it) {
  const BodySpool spool({.folder = ::testing::TempDir()});
  BodyFile file;
  ASSERT_TRUE(file.append(spool, "0123456789"));
  auto spooled = file.finish();
  ASSERT_TRUE(spooled);
  Body kept(std::string("0123456789"));
  for (Body* body : {&*spooled, &kept}) {
    const std::string_view seen = body->view();
    EXPECT_TRUE(body->overwrite(2, "abc"));
    EXPECT_TRUE(body->overwrite(10, ""));
    EXPECT_EQ(seen, "01abc56789");
    EXPECT_EQ(body->overwrite(8, "xyz").error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(body->overwrite(11, "").error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(body->view(), "01abc56789");
  }
}

}  // namespace
}  // namespace npu::http
