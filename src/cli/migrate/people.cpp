#include "cli/migrate/people.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "services/face/store/schema.hpp"
#include "services/face/store/sqlite.hpp"
#include "services/face/store/store_copy.hpp"

namespace npu::cli::migrate {
namespace {

Result<PeopleCopied> examine(const std::string& path) {
  auto db = face::Sqlite::open(path, face::Sqlite::Open::kReadOnly, 0);
  if (!db) return fail(db.error());
  auto check = db->prepare("PRAGMA integrity_check(1)");
  const auto row = check ? check->step() : Result<bool>(fail(check.error()));
  if (!row) return fail(row.error());
  if (check->text(0) != "ok") {
    return fail(ErrorCode::kVersionMismatch, fmt::format("it is damaged: {}", check->text(0)));
  }
  if (const Status ours = face::check_ours(*db); !ours) return fail(ours.error());
  const auto people = db->number("SELECT count(*) FROM identities");
  const auto embeddings = db->number("SELECT count(*) FROM embeddings");
  if (!people || !embeddings) {
    return fail(ErrorCode::kVersionMismatch, "it has no tables of people");
  }
  return PeopleCopied{*people, *embeddings};
}

}  // namespace

Result<PeopleCopied> copy_people(const std::string& from, const std::string& to) {
  const Status copied = face::back_up({.path = from, .wait_ms = 0}, to);
  if (!copied) {
    return fail(copied.error().code, fmt::format("{}: {}", from, copied.error().message));
  }
  auto examined = examine(to);
  if (!examined) std::filesystem::remove(to);
  return examined;
}

}  // namespace npu::cli::migrate
