// A PostgreSQL server of this test program's own: made in a new folder when it is first asked for,
// reached through a socket in it, gone with the program. Each test takes a schema of its own.
#pragma once

#include <string>

namespace cardea::test {

class ScratchDatabase {
 public:
  // The program's one server, started at the first call. Ends the program when it cannot be had:
  // a suite that silently tried nothing would say the same as one that passed.
  static ScratchDatabase& instance();
  ~ScratchDatabase();
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;

  // A connection text whose tables lie in a schema that was just made. Thread-safe.
  std::string new_schema();
  // The same, without a schema: for looking at the server itself.
  std::string conninfo() const;
  // As the server's owner; ends the program when it is refused.
  void run_sql(const std::string& command) const;
  // Kills the server, as a crash does; its connections break.
  void crash();
  // Starts it again, over what it left.
  void start();

 private:
  ScratchDatabase();

  std::string folder_;
  int process_ = 0;
};

}  // namespace cardea::test
