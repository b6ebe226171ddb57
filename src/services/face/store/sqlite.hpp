// SQLite with Results: a connection, its statements, a transaction.
//
//   auto insert = db.prepare("INSERT INTO identities (name) VALUES (?1)");
//   if (!insert) return fail(insert.error());
//   insert->bind(1, name);
//   if (const auto row = insert->step(); !row) return fail(row.error());
//
// One thread at a time. Statements and transactions live shorter than their connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <npu/result.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace npu::face {

// Of a result code of SQLite: kBusy with a retry_after where somebody holds the lock, kTooLarge
// where there is no room, kPermission where it may not be written, kVersionMismatch where it is
// damaged or no database, kUnavailable where it cannot be opened or read, else kInternal.
// doing: for the message, "the face database cannot be opened".
Error sqlite_error(sqlite3* db, int code, std::string_view doing);

class Statement {
 public:
  Statement(sqlite3* db, sqlite3_stmt* statement);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  // index: from 1. What is bound has to live until the statement has run.
  void bind(int index, std::int64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view text);
  void bind(int index, std::span<const std::byte> blob);
  void bind_null(int index);

  // True: there is a row. After false it may be bound and run again.
  Result<bool> step();

  // Of the row; column: from 0. Views until the next step().
  std::int64_t number(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;  // "" for NULL
  std::span<const std::byte> blob(int column) const;
  bool is_null(int column) const;

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_;
};

class Sqlite {
 public:
  enum class Open { kExisting, kCreate, kReadOnly };
  // wait_ms: for locks of others.
  static Result<Sqlite> open(const std::string& path, Open how, int wait_ms);
  Sqlite(Sqlite&&) noexcept = default;
  Sqlite& operator=(Sqlite&&) noexcept = default;

  // Statements without parameters, whose rows nobody wants.
  Status run(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  // The first column of the first row; 0 where there is none.
  Result<std::int64_t> number(std::string_view sql);
  std::int64_t last_insert_id() const;
  // Rows of the last INSERT, UPDATE or DELETE.
  int changes() const;
  sqlite3* get() const { return db_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  explicit Sqlite(sqlite3* db) : db_(db) {}

  std::unique_ptr<sqlite3, Close> db_;
};

// Begun for writing; rolled back unless commit() was called.
class Transaction {
 public:
  static Result<Transaction> begin(Sqlite& db);
  ~Transaction();
  Transaction(Transaction&& other) noexcept : db_(other.db_) { other.db_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;

  // After success the changes are on the disk.
  Status commit();

 private:
  explicit Transaction(Sqlite& db) : db_(&db) {}

  Sqlite* db_;
};

}  // namespace npu::face
