#include "services/face/store/face_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "fakes/temp_dir.hpp"
#include "services/face/store/schema.hpp"

namespace npu::face {
namespace {

using ::testing::HasSubstr;

// A direction of its own for each number.
std::vector<float> axis(std::size_t number, std::size_t dimension = 8) {
  std::vector<float> vector(dimension);
  vector[number % dimension] = 1;
  return vector;
}

class FaceStoreTest : public ::testing::Test {
 protected:
  StoreRules rules() const { return {.path = folder_.path("faces.db"), .wait_ms = 20}; }
  FaceStore open() const { return open(rules()); }
  static FaceStore open(StoreRules rules) {
    auto store = FaceStore::open(std::move(rules));
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  static Status add(FaceStore& store, const std::string& name, const std::vector<float>& vector,
                    const std::string& model = "net") {
    const auto added = store.add(name, {vector, model, 0.5});
    return added ? Status{} : fail(added.error());
  }
  static std::string who(FaceStore& store, const std::vector<float>& vector,
                         const std::string& model = "net") {
    const std::vector<std::span<const float>> queries{vector};
    const auto found = store.match(queries, model, 0.5);
    EXPECT_TRUE(found) << found.error().message;
    return found && found->best[0] ? found->best[0]->name : "";
  }
  // What the sqlite3 tool would do.
  void sql(const std::string& text) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(rules().path.c_str(), &db), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db, text.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_free(message);
    sqlite3_close(db);
  }
  std::string bytes() const {
    std::ifstream file(rules().path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fakes::TempDir folder_;
};

TEST_F(FaceStoreTest, A_person_is_known_by_any_of_several_embeddings_and_after_a_restart) {
  {
    FaceStore store = open();
    EXPECT_EQ(store.add("Ada", {axis(0), "net", 0.5}).value(), 1);
    EXPECT_EQ(store.add("Ada", {axis(1), "net", 0.5}).value(), 2);
    EXPECT_EQ(store.add("Bob", {axis(2), "net", 0.5}).value(), 1);
    EXPECT_EQ(who(store, axis(1)), "Ada");
  }
  FaceStore store = open();
  EXPECT_EQ(who(store, axis(0)), "Ada");
  EXPECT_EQ(who(store, axis(2)), "Bob");
  EXPECT_EQ(who(store, axis(3)), "");
  const auto people = store.list("net");
  ASSERT_TRUE(people);
  ASSERT_EQ(people->size(), 2U);
  EXPECT_EQ(people->at(0).name, "Ada");
  EXPECT_EQ(people->at(0).embeddings, 2);
  EXPECT_THAT(people->at(0).created_at, ::testing::MatchesRegex("....-..-.. ..:..:.."));
}

TEST_F(FaceStoreTest, The_threshold_is_one_that_has_to_be_exceeded) {
  FaceStore store = open();
  ASSERT_TRUE(add(store, "Ada", axis(0)));
  const std::vector<float> query = axis(0);
  const std::vector<std::span<const float>> queries{query};
  EXPECT_TRUE(store.match(queries, "net", 0.99)->best[0]);
  EXPECT_FALSE(store.match(queries, "net", 1)->best[0]);
}

TEST_F(FaceStoreTest, Another_model_or_dimension_never_matches_and_it_is_said) {
  FaceStore store = open();
  ASSERT_TRUE(add(store, "Ada", axis(0), "first"));
  ASSERT_TRUE(add(store, "Bob", axis(0, 16), "second"));
  EXPECT_EQ(who(store, axis(0), "first"), "Ada");
  EXPECT_EQ(who(store, axis(0), "second"), "") << "8 numbers against 16";
  EXPECT_EQ(who(store, axis(0, 16), "second"), "Bob");
  const std::vector<float> query = axis(0);
  const std::vector<std::span<const float>> queries{query};
  EXPECT_EQ(store.match(queries, "first", 0.5)->of_other_models, 1);
  EXPECT_EQ(store.match(queries, "third", 0.5)->of_other_models, 2);
  EXPECT_EQ(store.list("first")->at(0).of_model, 1);
  EXPECT_EQ(store.list("second")->at(0).of_model, 0);
}

TEST_F(FaceStoreTest, Who_is_removed_is_nowhere_any_more) {
  FaceStore store = open();
  std::vector<float> secret(64);
  for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = 0.1F + static_cast<float>(i) / 1000;
  ASSERT_TRUE(normalise(secret));
  const std::string marked(reinterpret_cast<const char*>(secret.data()), 4 * secret.size());
  ASSERT_TRUE(store.add("Grace Hopper", {secret, "net", 0.5, "JPEG OF GRACE"}));
  ASSERT_TRUE(add(store, "Ada", axis(0, 64)));
  sql("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_NE(bytes().find(marked), std::string::npos) << "the test looks at the right bytes";
  EXPECT_EQ(who(store, secret), "Grace Hopper");
  EXPECT_TRUE(store.remove("Grace Hopper").value());
  EXPECT_FALSE(store.remove("Grace Hopper").value());
  EXPECT_EQ(who(store, secret), "");
  EXPECT_EQ(who(store, axis(0, 64)), "Ada");
  EXPECT_EQ(store.list("net")->size(), 1U);
  EXPECT_FALSE(store.everything_about("Grace Hopper").value());
  for (const std::string& gone :
       {marked, std::string("Grace Hopper"), std::string("JPEG OF GRACE")}) {
    EXPECT_EQ(bytes().find(gone), std::string::npos);
  }
  struct ::stat log{};
  EXPECT_TRUE(::stat((rules().path + "-wal").c_str(), &log) != 0 || log.st_size == 0);
}

TEST_F(FaceStoreTest, Everything_about_a_person_is_told) {
  FaceStore store = open();
  const std::vector<float> vector{0.6F, 0.8F};
  ASSERT_TRUE(store.add("Ada", {vector, "net", 0.75, "jpg"}));
  ASSERT_TRUE(store.add("Ada", {vector, "net", 0.5}));
  const auto all = store.everything_about("Ada").value();
  ASSERT_TRUE(all);
  EXPECT_EQ(all->at("name"), "Ada");
  const auto& embeddings = all->at("embeddings").as_array();
  ASSERT_EQ(embeddings.size(), 2U);
  EXPECT_EQ(embeddings[0].at("model"), "net");
  EXPECT_EQ(embeddings[0].at("quality"), 0.75);
  EXPECT_EQ(embeddings[0].at("picture"), "data:image/jpeg;base64,anBn");
  EXPECT_EQ(embeddings[0].at("embedding").at(1).to_number<float>(), 0.8F);
  EXPECT_TRUE(embeddings[1].at("picture").is_null());
  EXPECT_FALSE(store.everything_about("Bob").value());
}

TEST_F(FaceStoreTest, Names_may_be_in_any_script_and_nothing_else) {
  FaceStore store = open();
  const std::string longest(256, 'x');
  std::string chinese;
  for (int i = 0; i < 256; ++i) chinese += "\u5b57";
  const std::vector<std::string> right{"a",
                                       "Zo\u00eb",
                                       "\u5f20\u4f1f",
                                       "\u202bx",
                                       "../../etc/passwd",
                                       "a/b\\c",
                                       "'; DROP TABLE identities; --",
                                       "\U0001f600",
                                       longest,
                                       chinese};
  for (const std::string& name : right) {
    EXPECT_TRUE(add(store, name, axis(0))) << name;
    EXPECT_TRUE(store.everything_about(name).value()) << name;
  }
  EXPECT_EQ(store.list("net")->size(), right.size());
  for (const std::string& name : right) EXPECT_TRUE(store.remove(name).value()) << name;
  const std::vector<std::string> wrong{"",
                                       "   ",
                                       "a\nb",
                                       "\x1b[31m",
                                       "\u0085",
                                       "\x7f",
                                       std::string(1, '\0'),
                                       "\xff",
                                       "a\xc3",
                                       longest + "x",
                                       chinese + "x",
                                       std::string(1000, 'y'),
                                       "Unknown"};
  for (const std::string& name : wrong) {
    const Status added = add(store, name, axis(0));
    ASSERT_FALSE(added) << name;
    EXPECT_EQ(added.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(added.error().message, HasSubstr("name must be 1..256 characters"));
  }
  EXPECT_EQ(store.list("net")->size(), 0U);
}

TEST_F(FaceStoreTest, A_person_has_only_so_many_embeddings_and_one_too_many_changes_nothing) {
  StoreRules few = rules();
  few.max_embeddings_of_identity = 2;
  FaceStore store = open(few);
  ASSERT_TRUE(add(store, "Ada", axis(0)));
  ASSERT_TRUE(add(store, "Ada", axis(1)));
  const Status third = add(store, "Ada", axis(2));
  ASSERT_FALSE(third);
  EXPECT_THAT(third.error().message, HasSubstr("has 2 embeddings, the most that"));
  EXPECT_EQ(store.list("net")->at(0).embeddings, 2);
}

TEST_F(FaceStoreTest, The_file_is_for_its_user_alone) {
  FaceStore store = open();
  ASSERT_TRUE(add(store, "Ada", axis(0)));
  for (const char* const suffix : {"", "-wal"}) {
    struct ::stat file{};
    ASSERT_EQ(::stat((rules().path + suffix).c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777U, 0600U) << suffix;
  }
}

// As the Python project's hailo-face makes it.
constexpr const char* kPython = R"(
CREATE TABLE identities (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE embeddings (id INTEGER PRIMARY KEY AUTOINCREMENT, identity_id INTEGER NOT NULL, embedding BLOB NOT NULL,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (identity_id) REFERENCES identities (id) ON DELETE CASCADE);
CREATE INDEX idx_embeddings_identity ON embeddings (identity_id);
INSERT INTO identities (name) VALUES ('Ada');
INSERT INTO embeddings (identity_id, embedding) VALUES (1, zeroblob(2048)), (99, zeroblob(2048));)";

TEST_F(FaceStoreTest, The_python_projects_database_is_taken_over_without_its_orphans) {
  sql(kPython);
  FaceStore store = open();
  const auto people = store.list("net");
  ASSERT_EQ(people->size(), 1U);
  EXPECT_EQ(people->at(0).embeddings, 1);
  EXPECT_EQ(people->at(0).of_model, 0) << "nobody knows which model it is of";
  EXPECT_EQ(store.everything_about("Ada").value()->at("embeddings").as_array().size(), 1U);
  // And what it would still write is as good.
  sql("INSERT INTO identities (name) VALUES ('Bob'); INSERT INTO embeddings (identity_id, "
      "embedding) "
      "VALUES ((SELECT id FROM identities WHERE name = 'Bob'), zeroblob(2048));");
  EXPECT_EQ(store.list("net")->size(), 2U);
  EXPECT_TRUE(add(store, "Bob", axis(0)));
  EXPECT_EQ(who(store, axis(0)), "Bob");
}

// Opens, and expects it to fail and to leave every byte as it was.
void expect_refused(const StoreRules& rules, ErrorCode code, const std::string& message) {
  const auto read = [&] {
    std::ifstream file(rules.path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string before = read();
  const auto store = FaceStore::open(rules);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, code) << store.error().message;
  EXPECT_THAT(store.error().message, HasSubstr(message));
  EXPECT_TRUE(read() == before);
}

TEST_F(FaceStoreTest, What_is_no_database_is_refused_and_left_alone) {
  folder_.file("faces.db", "This is not a database, but somebody may want it nevertheless. " +
                               std::string(2000, '.'));
  expect_refused(rules(), ErrorCode::kVersionMismatch, "file is not a database");
  expect_refused(rules(), ErrorCode::kVersionMismatch, "hailo-face restore FILE");
}

TEST_F(FaceStoreTest, A_damaged_database_is_refused_and_left_alone) {
  {
    FaceStore store = open();
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(add(store, "person " + std::to_string(i), axis(1, 512)));
    }
  }
  std::string content = bytes();
  std::fill(content.begin() + 3 * 4096, content.begin() + 5 * 4096, '\x5a');
  folder_.file("faces.db", content);
  expect_refused(rules(), ErrorCode::kVersionMismatch, "damaged");
}

TEST_F(FaceStoreTest, A_database_of_a_newer_version_or_of_something_else_is_refused) {
  sql("PRAGMA user_version = 7; CREATE TABLE identities (id INTEGER);");
  expect_refused(rules(), ErrorCode::kVersionMismatch, "has version 7, this program knows 1");
  fakes::TempDir other;
  StoreRules browser{.path = other.path("places.sqlite"), .wait_ms = 20};
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(browser.path.c_str(), &db), SQLITE_OK);
  sqlite3_exec(db, "CREATE TABLE bookmarks (id)", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  const auto refused = FaceStore::open(browser);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("of something else"));
  std::ifstream file(browser.path, std::ios::binary);
  std::string head(19, '\0');
  file.read(head.data(), 19);
  EXPECT_EQ(head[18], 1) << "its journal is still what it was";
}

TEST_F(FaceStoreTest, A_lock_of_another_program_is_told_as_one_and_passes) {
  FaceStore store = open();
  ASSERT_TRUE(add(store, "Ada", axis(0)));
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(rules().path.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const Status locked = add(store, "Bob", axis(1));
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, ErrorCode::kBusy);
  EXPECT_TRUE(locked.error().retry_after);
  EXPECT_EQ(who(store, axis(0)), "Ada") << "who reads does not wait";
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_TRUE(add(store, "Bob", axis(1)));
}

TEST_F(FaceStoreTest, A_full_disk_loses_nothing_that_was_answered) {
  StoreRules small = rules();
  small.max_mb = 1;  // SQLite says of it what it says of a disk
  FaceStore store = open(small);
  int added = 0;
  Status last;
  while ((last = add(store, "person " + std::to_string(added), axis(0, 512)))) ++added;
  EXPECT_EQ(last.error().code, ErrorCode::kTooLarge);
  EXPECT_THAT(last.error().message, HasSubstr("full"));
  EXPECT_GT(added, 200);
  EXPECT_EQ(store.list("net")->size(), static_cast<std::size_t>(added));
  EXPECT_TRUE(store.remove("person 0").value());
  EXPECT_TRUE(add(store, "again", axis(0, 512)));
  EXPECT_EQ(open(small).list("net")->size(), static_cast<std::size_t>(added));
}

TEST_F(FaceStoreTest, Two_programs_see_what_the_other_one_does) {
  FaceStore first = open();
  FaceStore second = open();
  for (std::size_t i = 0; i < 8; ++i) {
    FaceStore& writer = i % 2 == 0 ? first : second;
    FaceStore& reader = i % 2 == 0 ? second : first;
    const std::string name = "person " + std::to_string(i);
    ASSERT_TRUE(add(writer, name, axis(i)));
    EXPECT_EQ(who(reader, axis(i)), name);
    EXPECT_EQ(who(writer, axis(i)), name);
  }
  EXPECT_TRUE(first.remove("person 3").value());
  EXPECT_EQ(who(second, axis(3)), "");
  EXPECT_EQ(who(second, axis(4)), "person 4");
}

}  // namespace
}  // namespace npu::face
