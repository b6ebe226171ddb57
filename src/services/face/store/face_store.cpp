#include "services/face/store/face_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/unique_fd.hpp"
#include "services/face/store/person_name.hpp"
#include "services/face/store/schema.hpp"
#include "tensor/base64.hpp"

namespace npu::face {
namespace json = boost::json;
namespace {

constexpr std::int64_t kMiB = 1 << 20;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// SQLite would make the file readable for others. Where it cannot be made SQLite says so.
void make_private(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

Status check_whole(Sqlite& db) {
  auto check = db.prepare("PRAGMA integrity_check(1)");
  if (!check) return fail(check.error());
  const auto row = check->step();
  if (!row) return fail(row.error());
  if (*row && check->text(0) == "ok") return {};
  return fail(ErrorCode::kVersionMismatch,
              fmt::format("the face database is damaged: {}", *row ? check->text(0) : "no answer"));
}

Error with_help(Error error, const std::string& path) {
  switch (error.code) {
    case ErrorCode::kVersionMismatch:
      error.message += fmt::format(
          " ({}); `hailo-face restore FILE` puts a backup in its place and keeps it aside", path);
      break;
    case ErrorCode::kPermission:
    case ErrorCode::kUnavailable:
      error.message +=
          fmt::format(" ({}); the service's user has to be able to write it and its folder", path);
      break;
    default: error.message += fmt::format(" ({})", path);
  }
  return error;
}

Status set_up(Sqlite& db, const StoreRules& rules) {
  if (const Status whole = check_whole(db); !whole) return whole;
  if (const Status ours = check_ours(db); !ours) return ours;
  // WAL: who reads does not wait for who writes. FULL: a commit is on the disk, also after the
  // power was lost.
  if (const Status done = db.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                 "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;");
      !done) {
    return done;
  }
  if (const Status done = migrate(db); !done) return done;
  const auto page = db.number("PRAGMA page_size");
  if (!page) return fail(page.error());
  const std::int64_t pages = rules.max_mb * kMiB / std::max<std::int64_t>(*page, 512);
  const auto most = db.number(fmt::format("PRAGMA max_page_count = {}", pages));
  return most ? Status{} : fail(most.error());
}

std::vector<float> floats_of(std::span<const std::byte> blob) {
  std::vector<float> values(blob.size() / sizeof(float));
  std::memcpy(values.data(), blob.data(), values.size() * sizeof(float));
  return values;
}

}  // namespace

Result<FaceStore> FaceStore::open(StoreRules rules) {
  make_private(rules.path);
  auto db = Sqlite::open(rules.path, Sqlite::Open::kExisting, rules.wait_ms);
  if (!db) return fail(with_help(db.error(), rules.path));
  if (const Status done = set_up(*db, rules); !done)
    return fail(with_help(done.error(), rules.path));
  return FaceStore(std::move(*db), std::move(rules));
}

Result<std::optional<std::int64_t>> FaceStore::id_of(std::string_view name) {
  auto select = db_.prepare("SELECT id FROM identities WHERE name = ?1");
  if (!select) return fail(select.error());
  select->bind(1, name);
  const auto row = select->step();
  if (!row) return fail(row.error());
  if (!*row) return std::nullopt;
  return select->number(0);
}

Result<std::int64_t> FaceStore::add(std::string_view name, const NewEmbedding& embedding) {
  if (const Status right = check_name(name); !right) return fail(right.error());
  auto change = Transaction::begin(db_);
  if (!change) return fail(change.error());
  auto identity = db_.prepare(
      "INSERT INTO identities (name) VALUES (?1) "
      "ON CONFLICT (name) DO UPDATE SET updated_at = CURRENT_TIMESTAMP");
  if (!identity) return fail(identity.error());
  identity->bind(1, name);
  if (const auto done = identity->step(); !done) return fail(done.error());
  const auto id = id_of(name);
  if (!id) return fail(id.error());

  auto count = db_.prepare("SELECT count(*) FROM embeddings WHERE identity_id = ?1");
  if (!count) return fail(count.error());
  count->bind(1, id->value());
  if (const auto row = count->step(); !row) return fail(row.error());
  const std::int64_t before = count->number(0);
  if (before >= rules_.max_embeddings_of_identity) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("this person has {} embeddings, the most that "
                            "database.max_embeddings_per_identity allows: remove the person first",
                            before));
  }
  auto insert = db_.prepare(
      "INSERT INTO embeddings (identity_id, embedding, model, quality, picture) "
      "VALUES (?1, ?2, ?3, ?4, ?5)");
  if (!insert) return fail(insert.error());
  insert->bind(1, id->value());
  insert->bind(2, std::as_bytes(embedding.vector));
  insert->bind(3, embedding.model);
  insert->bind(4, embedding.quality);
  if (embedding.jpeg.empty()) {
    insert->bind_null(5);
  } else {
    insert->bind(5, bytes_of(embedding.jpeg));
  }
  if (const auto done = insert->step(); !done) return fail(done.error());
  if (const Status done = change->commit(); !done) return fail(done.error());
  ++own_changes_;
  return before + 1;
}

Result<bool> FaceStore::remove(std::string_view name) {
  auto change = Transaction::begin(db_);
  if (!change) return fail(change.error());
  auto remove = db_.prepare("DELETE FROM identities WHERE name = ?1");
  if (!remove) return fail(remove.error());
  remove->bind(1, name);
  if (const auto done = remove->step(); !done) return fail(done.error());
  const bool was_there = db_.changes() > 0;
  if (const Status done = change->commit(); !done) return fail(done.error());
  if (!was_there) return false;
  ++own_changes_;
  // Memory forgets as well.
  for (auto& [model, cached] : indices_) {
    if (const Status read = bring_up_to_date(model, cached.index); !read) cached.version = -1;
  }
  // What was deleted is overwritten in the pages, which are in the log until a checkpoint; the log
  // keeps older copies until it is truncated. Another program that reads delays that.
  if (const Status done = db_.run("PRAGMA wal_checkpoint(TRUNCATE)"); !done) {
    return fail(done.error());
  }
  return true;
}

Result<std::vector<IdentityInfo>> FaceStore::list(std::string_view model) {
  auto select = db_.prepare(
      "SELECT i.name, count(e.id), count(e.id) FILTER (WHERE e.model = ?1), i.created_at "
      "FROM identities i LEFT JOIN embeddings e ON e.identity_id = i.id "
      "GROUP BY i.id ORDER BY i.name");
  if (!select) return fail(select.error());
  select->bind(1, model);
  std::vector<IdentityInfo> people;
  for (;;) {
    const auto row = select->step();
    if (!row) return fail(row.error());
    if (!*row) return people;
    people.push_back({std::string(select->text(0)), select->number(1), select->number(2),
                      std::string(select->text(3))});
  }
}

Status FaceStore::bring_up_to_date(std::string_view model, EmbeddingIndex& index) {
  auto ids = db_.prepare("SELECT id FROM embeddings WHERE model = ?1 ORDER BY id");
  if (!ids) return fail(ids.error());
  ids->bind(1, model);
  std::vector<std::int64_t> now;
  for (;;) {
    const auto row = ids->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    now.push_back(ids->number(0));
  }
  index.keep(now);
  // Numbers rise (AUTOINCREMENT), so what is new lies behind what is known.
  const std::int64_t last = index.size() > 0 ? index.ids().back() : 0;
  auto fresh = db_.prepare(
      "SELECT id, identity_id, embedding FROM embeddings WHERE model = ?1 AND id > ?2 ORDER BY id");
  if (!fresh) return fail(fresh.error());
  fresh->bind(1, model);
  fresh->bind(2, last);
  for (;;) {
    const auto row = fresh->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    const auto blob = fresh->blob(2);
    if (blob.size() != index.dimension() * sizeof(float)) continue;
    auto vector = floats_of(blob);
    if (normalise(vector)) index.add(fresh->number(0), fresh->number(1), vector);
  }
}

Result<EmbeddingIndex*> FaceStore::index_of(std::string_view model, std::size_t dimension) {
  const auto others = db_.number("PRAGMA data_version");  // changes with what others commit
  if (!others) return fail(others.error());
  // Where a backup was restored, the numbers of the rows begin anew: another row may have a number
  // that is known.
  const auto schema = db_.number("PRAGMA schema_version");
  if (!schema) return fail(schema.error());
  const std::int64_t version = *others + own_changes_;
  auto cached = indices_.find(model);
  if (cached == indices_.end() || cached->second.index.dimension() != dimension ||
      cached->second.schema != *schema) {
    indices_.clear();  // one model is used at a time; two would be twice the memory
    cached = indices_.emplace(model, Cached{EmbeddingIndex(dimension)}).first;
    cached->second.schema = *schema;
  }
  if (cached->second.version != version) {
    if (const Status read = bring_up_to_date(model, cached->second.index); !read) {
      return fail(read.error());
    }
    cached->second.version = version;
  }
  return &cached->second.index;
}

Result<std::string> FaceStore::name_of(std::int64_t identity) {
  auto select = db_.prepare("SELECT name FROM identities WHERE id = ?1");
  if (!select) return fail(select.error());
  select->bind(1, identity);
  const auto row = select->step();
  if (!row) return fail(row.error());
  return *row ? std::string(select->text(0)) : std::string();
}

Result<Matches> FaceStore::match(std::span<const std::span<const float>> queries,
                                 std::string_view model, double threshold) {
  Matches found;
  found.best.resize(queries.size());
  if (!queries.empty()) {
    const auto index = index_of(model, queries.front().size());
    if (!index) return fail(index.error());
    const auto nearest = (*index)->nearest(queries);
    for (std::size_t i = 0; i < queries.size(); ++i) {
      if (!nearest[i] || !(nearest[i]->cosine > threshold)) continue;
      auto name = name_of(nearest[i]->identity);
      if (!name) return fail(name.error());
      // Empty: deleted by another program since the index was read.
      if (!name->empty()) found.best[i] = Match{std::move(*name), nearest[i]->cosine};
    }
  }
  auto others = db_.prepare("SELECT count(*) FROM embeddings WHERE model IS NOT ?1");
  if (!others) return fail(others.error());
  others->bind(1, model);
  if (const auto row = others->step(); !row) return fail(row.error());
  found.of_other_models = others->number(0);
  return found;
}

Result<std::optional<json::object>> FaceStore::everything_about(std::string_view name) {
  auto identity =
      db_.prepare("SELECT id, name, created_at, updated_at FROM identities WHERE name = ?1");
  if (!identity) return fail(identity.error());
  identity->bind(1, name);
  const auto there = identity->step();
  if (!there) return fail(there.error());
  if (!*there) return std::nullopt;
  auto select = db_.prepare(
      "SELECT created_at, model, quality, embedding, picture FROM embeddings "
      "WHERE identity_id = ?1 ORDER BY id");
  if (!select) return fail(select.error());
  select->bind(1, identity->number(0));
  json::array embeddings;
  for (;;) {
    const auto row = select->step();
    if (!row) return fail(row.error());
    if (!*row) break;
    const auto vector = floats_of(select->blob(3));
    json::object one{{"created_at", select->text(0)},
                     {"embedding", json::array(vector.begin(), vector.end())}};
    one["model"] = select->is_null(1) ? json::value() : json::value(select->text(1));
    one["picture"] = select->is_null(4)
                         ? json::value()
                         : json::value("data:image/jpeg;base64," + base64_encode(select->blob(4)));
    one["quality"] = select->is_null(2) ? json::value() : json::value(select->real(2));
    embeddings.emplace_back(std::move(one));
  }
  json::object all;
  all["created_at"] = identity->text(2);
  all["embeddings"] = std::move(embeddings);
  all["name"] = identity->text(1);
  all["updated_at"] = identity->text(3);
  return all;
}

}  // namespace npu::face
