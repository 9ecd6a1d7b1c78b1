// The program: everything is in app.
#include "app/cli/commands.h"

int main(int argc, char** argv) {
  return cardea::app::run_cli(argc, argv);
}
