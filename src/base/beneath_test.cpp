#include "base/beneath.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"

namespace npu {
namespace {

namespace fs = std::filesystem;
using Open = UniqueFd (*)(int, const std::string&, Links);

// Both ways have to open the same.
class BeneathTest : public testing::TestWithParam<Open> {
 protected:
  BeneathTest() {
    fs::create_directories(root() / "in/sub");
    for (const char* name : {"in/a", "in/sub/b", "secret"}) std::ofstream(root() / name) << name;
    folder_ = UniqueFd(::open((root() / "in").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  fs::path root() const { return dir_.path(""); }
  void link(const char* target, const char* name) { fs::create_symlink(target, root() / name); }
  std::string content(const std::string& path, Links links = Links::kInside) {
    const UniqueFd file = GetParam()(folder_.get(), path, links);
    if (!file) return std::to_string(errno);
    std::string text(16, '\0');
    const ssize_t got = ::read(file.get(), text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

  fakes::TempDir dir_;
  UniqueFd folder_;
};

TEST_P(BeneathTest, What_stays_inside_is_opened) {
  link("sub", "in/folder");
  link("../a", "in/sub/up");
  EXPECT_EQ(content("a"), "in/a");
  EXPECT_EQ(content("sub/../sub//./b"), "in/sub/b");
  EXPECT_EQ(content("folder/b"), "in/sub/b");
  EXPECT_EQ(content("folder/up"), "in/a");
}

TEST_P(BeneathTest, What_leads_out_is_not) {
  link("../secret", "in/relative");
  link((root() / "secret").c_str(), "in/absolute");
  link("..", "in/sub/up");
  for (const char* path : {"../secret", "sub/../../secret", "relative", "absolute",
                           "sub/up/../secret", "/etc/passwd"}) {
    EXPECT_EQ(content(path), std::to_string(EXDEV)) << path;
  }
}

TEST_P(BeneathTest, Links_may_be_ruled_out_and_loops_end) {
  link("a", "in/link");
  link("loop", "in/loop");
  EXPECT_EQ(content("link", Links::kNone), std::to_string(ELOOP));
  EXPECT_EQ(content("a", Links::kNone), "in/a");
  EXPECT_EQ(content("loop"), std::to_string(ELOOP));
  EXPECT_EQ(content("none"), std::to_string(ENOENT));
  EXPECT_EQ(content("a/none"), std::to_string(ENOTDIR));
}

TEST_P(BeneathTest, Whoever_swaps_names_meanwhile_gets_nothing_from_outside) {
  link("..", "in/out");
  std::atomic<bool> over = false;
  std::thread swapper([&] {
    const auto in = root() / "in";
    while (!over) {
      fs::rename(in / "sub", in / "hidden");
      fs::rename(in / "out", in / "sub");
      fs::rename(in / "sub", in / "out");
      fs::rename(in / "hidden", in / "sub");
    }
  });
  std::size_t inside = 0;
  // The swapper may be kept from running while the name is away.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (int i = 0; i < 3000 || (inside == 0 && std::chrono::steady_clock::now() < patience); ++i) {
    EXPECT_NE(content("sub/secret"), "secret");
    EXPECT_NE(content("sub/../secret"), "secret");
    inside += content("sub/b") == "in/sub/b" ? 1 : 0;
  }
  over = true;
  swapper.join();
  EXPECT_GT(inside, 0U);
}

INSTANTIATE_TEST_SUITE_P(Ways, BeneathTest, testing::Values(open_beneath, walk_beneath));

}  // namespace
}  // namespace npu
