#include "services/face/store/sqlite.hpp"

#include <cstdint>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

namespace npu::face {
namespace {

constexpr Millis kTryAgain{1000};

ErrorCode code_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::kBusy;
    case SQLITE_FULL: return ErrorCode::kTooLarge;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return ErrorCode::kPermission;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::kVersionMismatch;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_NOMEM: return ErrorCode::kUnavailable;
    default: return ErrorCode::kInternal;
  }
}

// SQLite's own timeout looks ten times a second: two services that write without pause find the
// lock free by chance then, and one of them may not for seconds.
constexpr int kLookMs = 5;

int wait_for_lock(void* most_looks, int looks) {
  if (looks >= reinterpret_cast<std::intptr_t>(most_looks)) return 0;
  sqlite3_sleep(kLookMs);
  return 1;
}

}  // namespace

Error sqlite_error(sqlite3* db, int code, std::string_view doing) {
  Error error{code_of(code), {}};
  if (error.code == ErrorCode::kBusy) error.retry_after = kTryAgain;
  const char* const why = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  error.message = fmt::format("{}: {} (SQLite {})", doing, why, code);
  return error;
}

Statement::Statement(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
Statement::Statement(Statement&& other) noexcept
    : db_(other.db_), statement_(std::exchange(other.statement_, nullptr)) {}
Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
}
void Statement::bind(int index, double value) { sqlite3_bind_double(statement_, index, value); }
void Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text64(statement_, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}
void Statement::bind(int index, std::span<const std::byte> blob) {
  sqlite3_bind_blob64(statement_, index, blob.data(), blob.size(), SQLITE_STATIC);
}
void Statement::bind_null(int index) { sqlite3_bind_null(statement_, index); }

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  Error error;
  if (code != SQLITE_DONE) error = sqlite_error(db_, code, "the face database");
  sqlite3_reset(statement_);
  if (code != SQLITE_DONE) return fail(std::move(error));
  return false;
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }
std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
std::span<const std::byte> Statement::blob(int column) const {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void Sqlite::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Result<Sqlite> Sqlite::open(const std::string& path, Open how, int wait_ms) {
  int flags = how == Open::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (how == Open::kCreate) flags |= SQLITE_OPEN_CREATE;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Sqlite db(raw);
  if (code != SQLITE_OK) {
    return fail(sqlite_error(raw, code, "the face database cannot be opened"));
  }
  sqlite3_busy_handler(raw, wait_for_lock,
                       reinterpret_cast<void*>(static_cast<std::intptr_t>(wait_ms / kLookMs)));
  // Neither the schema nor a value of a database that others wrote is to be trusted.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return db;
}

Status Sqlite::run(const char* sql) {
  const int code = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return fail(sqlite_error(db_.get(), code, "the face database"));
}

Result<Statement> Sqlite::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(db_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(db_.get(), code, "the face database"));
  return Statement(db_.get(), statement);
}

Result<std::int64_t> Sqlite::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return fail(statement.error());
  const auto row = statement->step();
  if (!row) return fail(row.error());
  return *row ? statement->number(0) : 0;
}

std::int64_t Sqlite::last_insert_id() const { return sqlite3_last_insert_rowid(db_.get()); }
int Sqlite::changes() const { return sqlite3_changes(db_.get()); }

Result<Transaction> Transaction::begin(Sqlite& db) {
  if (const Status begun = db.run("BEGIN IMMEDIATE"); !begun) return fail(begun.error());
  return Transaction(db);
}

Transaction::~Transaction() {
  if (db_ != nullptr) (void)db_->run("ROLLBACK");
}

Status Transaction::commit() {
  const Status done = db_->run("COMMIT");
  if (done) db_ = nullptr;
  return done;
}

}  // namespace npu::face
