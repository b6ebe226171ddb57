#include "services/face/store/store_copy.hpp"

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"

namespace npu::face {
namespace {

using ::testing::HasSubstr;

class StoreCopy : public ::testing::Test {
 protected:
  StoreRules rules() const { return {.path = folder_.path("faces.db"), .wait_ms = 20}; }
  static std::vector<std::string> names_in(FaceStore& store) {
    const auto people = store.list("net").value();
    std::vector<std::string> names(people.size());
    std::ranges::transform(people, names.begin(), &IdentityInfo::name);
    return names;
  }
  static void add(FaceStore& store, const std::string& name) {
    const std::vector<float> vector{1, 0};
    ASSERT_TRUE(store.add(name, {vector, "net", 0.5}));
  }

  fakes::TempDir folder_;
};

TEST_F(StoreCopy, A_backup_of_a_database_in_use_is_restored_under_who_uses_it) {
  auto store = FaceStore::open(rules());
  ASSERT_TRUE(store);
  add(*store, "Ada");
  const std::string file = folder_.path("backup.db");
  ASSERT_TRUE(back_up(rules(), file));
  EXPECT_FALSE(std::filesystem::exists(file + "-wal"));
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_TRUE(store->remove("Ada").value());
  add(*store, "Bob");
  const Status restored = restore(rules(), file);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(names_in(*store), (std::vector<std::string>{"Ada"}));
  const std::vector<float> query{1, 0};
  const std::vector<std::span<const float>> queries{query};
  EXPECT_EQ(store->match(queries, "net", 0.5)->best[0]->name, "Ada");
  add(*store, "Carl");
  EXPECT_EQ(names_in(*store).size(), 2U);
}

// The numbers of rows begin anew where the backup ends.
TEST_F(StoreCopy, Who_came_after_the_backup_is_not_taken_for_who_comes_after_the_restore) {
  auto store = FaceStore::open(rules());
  ASSERT_TRUE(store);
  const std::string file = folder_.path("backup.db");
  ASSERT_TRUE(back_up(rules(), file));
  const std::vector<float> bobs{1, 0};
  const std::vector<float> carls{0, 1};
  const auto who = [&](const std::vector<float>& vector) {
    const std::vector<std::span<const float>> queries{vector};
    const auto found = store->match(queries, "net", 0.5).value();
    return found.best[0] ? found.best[0]->name : "";
  };
  ASSERT_TRUE(store->add("Bob", {bobs, "net", 0.5}));
  EXPECT_EQ(who(bobs), "Bob");
  ASSERT_TRUE(restore(rules(), file));
  auto other = FaceStore::open(rules());
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->add("Carl", {carls, "net", 0.5}));
  EXPECT_EQ(who(bobs), "");
  EXPECT_EQ(who(carls), "Carl");
}

TEST_F(StoreCopy, A_backup_overwrites_nothing) {
  ASSERT_TRUE(FaceStore::open(rules()));
  const std::string file = folder_.file("backup.db", "mine");
  const Status refused = back_up(rules(), file);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("must not be there"));
  EXPECT_EQ(std::filesystem::file_size(file), 4U);
  EXPECT_FALSE(back_up({.path = folder_.path("absent.db")}, folder_.path("new.db")));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("new.db")));
}

TEST_F(StoreCopy, A_damaged_database_is_kept_aside_when_a_backup_takes_its_place) {
  const std::string file = folder_.path("backup.db");
  {
    auto store = FaceStore::open(rules());
    ASSERT_TRUE(store);
    add(*store, "Ada");
    ASSERT_TRUE(back_up(rules(), file));
  }
  folder_.file("faces.db", std::string(5000, 'x'));
  ASSERT_FALSE(FaceStore::open(rules()));
  const Status restored = restore(rules(), file);
  ASSERT_TRUE(restored) << restored.error().message;
  auto store = FaceStore::open(rules());
  ASSERT_TRUE(store);
  EXPECT_EQ(names_in(*store), (std::vector<std::string>{"Ada"}));
  int aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path(""))) {
    if (!entry.path().filename().string().starts_with("faces.db.damaged-")) continue;
    ++aside;
    EXPECT_EQ(std::filesystem::file_size(entry.path()), 5000U);
  }
  EXPECT_EQ(aside, 1);
}

TEST_F(StoreCopy, What_is_no_backup_takes_nobodys_place) {
  auto store = FaceStore::open(rules());
  ASSERT_TRUE(store);
  add(*store, "Ada");
  EXPECT_THAT(restore(rules(), folder_.path("absent")).error().message,
              HasSubstr(folder_.path("absent")));
  EXPECT_FALSE(restore(rules(), folder_.file("text", std::string(3000, 't'))));
  EXPECT_FALSE(restore(rules(), folder_.file("empty", "")));
  EXPECT_EQ(names_in(*store), (std::vector<std::string>{"Ada"}));
}

}  // namespace
}  // namespace npu::face
