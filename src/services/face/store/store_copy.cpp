#include "services/face/store/store_copy.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <ctime>
#include <filesystem>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "services/face/store/schema.hpp"

namespace npu::face {
namespace {

Result<Sqlite> open(const std::string& file, Sqlite::Open how, const StoreRules& rules) {
  auto db = Sqlite::open(file, how, rules.wait_ms);
  if (db) return db;
  Error error = db.error();
  error.message += fmt::format(" ({})", file);
  return fail(std::move(error));
}

// In one transaction of the target: it has all or nothing.
Status copy(Sqlite& from, Sqlite& to) {
  sqlite3_backup* const work = sqlite3_backup_init(to.get(), "main", from.get(), "main");
  if (work == nullptr) {
    return fail(sqlite_error(to.get(), sqlite3_errcode(to.get()), "the copy cannot be made"));
  }
  const int stepped = sqlite3_backup_step(work, -1);
  const int finished = sqlite3_backup_finish(work);
  if (stepped == SQLITE_DONE && finished == SQLITE_OK) return {};
  return fail(sqlite_error(nullptr, stepped == SQLITE_DONE ? finished : stepped,
                           "the copy cannot be made"));
}

// -wal and -shm belong to the file: they would be taken for those of the next one.
Status keep_aside(const std::string& path) {
  const std::string aside =
      fmt::format("{}.damaged-{:%Y%m%dT%H%M%SZ}", path, fmt::gmtime(std::time(nullptr)));
  for (const char* const suffix : {"", "-wal", "-shm"}) {
    std::error_code failed;
    if (!std::filesystem::exists(path + suffix, failed)) continue;
    std::filesystem::rename(path + suffix, aside + suffix, failed);
    if (failed) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("{}{} cannot be kept aside: {}", path, suffix, failed.message()));
    }
  }
  log::warning("the damaged database is kept as {}", aside);
  return {};
}

}  // namespace

Status back_up(const StoreRules& rules, const std::string& file) {
  auto from = open(rules.path, Sqlite::Open::kExisting, rules);
  if (!from) return fail(from.error());
  const UniqueFd made(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!made) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} cannot be made: it must not be there and its folder must be "
                            "writable",
                            file));
  }
  auto to = open(file, Sqlite::Open::kExisting, rules);
  Status done = to ? copy(*from, *to) : fail(to.error());
  // The copy says of itself that it has a log beside it; a backup is one file.
  if (done) done = to->run("PRAGMA journal_mode = DELETE");
  if (!done) std::filesystem::remove(file);
  return done;
}

Status restore(const StoreRules& rules, const std::string& file) {
  auto from = open(file, Sqlite::Open::kReadOnly, rules);
  if (!from) return fail(from.error());
  const auto version = from->number("PRAGMA user_version");
  if (!version) return fail(version.error());
  if (*version > kSchemaVersion) {
    return fail(ErrorCode::kVersionMismatch, fmt::format("{} has version {}, this program knows {}",
                                                         file, *version, kSchemaVersion));
  }
  auto check = from->prepare("PRAGMA integrity_check(1)");
  if (!check) return fail(check.error());
  const auto row = check->step();
  if (!row) return fail(row.error());
  if (check->text(0) != "ok") {
    return fail(ErrorCode::kVersionMismatch,
                fmt::format("{} is damaged: {}", file, check->text(0)));
  }
  const auto people = from->number("SELECT count(*) FROM identities");
  if (!people) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no face database", file));
  }
  // A healthy database is written over in place, so that who has it open sees the new content.
  auto now = FaceStore::open(rules);
  if (!now && now.error().code == ErrorCode::kVersionMismatch) {
    if (const Status kept = keep_aside(rules.path); !kept) return kept;
    now = FaceStore::open(rules);
  }
  if (!now) return fail(now.error());
  auto to = open(rules.path, Sqlite::Open::kExisting, rules);
  if (!to) return fail(to.error());
  if (const Status done = copy(*from, *to); !done) return done;
  // The backup may be of an older version.
  return migrate(*to);
}

}  // namespace npu::face
